// The head of every page: where one is, the range of time, how fresh the figures are, and who is there.
import { Mark } from "../shared/Mark";
import { client } from "./client";
import { clock } from "./figures";
import { useDashboard, usePlace } from "./hooks";
import { Link } from "./Link";
import { chooseRange } from "./place";
import { RANGES } from "./snapshot";

const NAMES = { "1h": "1 h", "24h": "24 h", "7d": "7 d", "30d": "30 d" };

export function Header() {
  const { session, task } = usePlace();
  return (
    <header className="top">
      <Link to={{}} className="brand">
        <Mark size={26} />
        <strong>hookmeter</strong>
      </Link>
      <nav aria-label="Pages">
        <Link to={{}} className="page" aria-current={session || task ? undefined : "page"}>Agents</Link>
        <a className="page" href="/chat">Chat</a>
      </nav>
      {!session && !task && <Ranges />}
      <Connection />
      <Who />
    </header>
  );
}

function Ranges() {
  const { range } = usePlace();
  return (
    <fieldset className="ranges">
      <legend className="visually-hidden">Range of time</legend>
      {RANGES.map((one) => (
        <label key={one}>
          <input type="radio" name="range" checked={one === range} onChange={() => chooseRange(one)} />
          <span>{NAMES[one]}</span>
        </label>
      ))}
    </fieldset>
  );
}

function Connection() {
  const { connection, heardAt } = useDashboard();
  const text = { opening: "Connecting…", live: "Live", lost: "Connection lost, trying again…" }[connection];
  return (
    <p className={`connection ${connection}`} role="status" title={heardAt ? `As of ${clock(heardAt)}` : undefined}>
      <span className="lamp" aria-hidden="true" />
      {text}
      {connection === "lost" && heardAt > 0 && <span className="faint"> as of {clock(heardAt)}</span>}
    </p>
  );
}

function Who() {
  const { user } = useDashboard();
  if (user === undefined) return null;
  if (!user) return <button type="button" className="button small" onClick={() => client.knock()}>Log in</button>;
  return (
    <div className="who">
      <span title={user.role}>{user.name}</span>
      <button type="button" className="button plain small" onClick={() => void client.logOut()}>Log out</button>
    </div>
  );
}
