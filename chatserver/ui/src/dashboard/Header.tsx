// The top bar: navigation, time range, connection, and user.
import { Logo } from "../shared/Logo";
import { client } from "./client";
import { clockTime } from "./format";
import { useDashboard, useRoute } from "./hooks";
import { selectRange } from "./route";
import { RouteLink } from "./RouteLink";
import { SearchBox } from "./SearchBox";
import { RANGES } from "./snapshot";

const RANGE_NAMES = { "1h": "1 h", "24h": "24 h", "7d": "7 d", "30d": "30 d" };
const CONNECTION_NAMES = { connecting: "Connecting…", live: "Live", reconnecting: "Reconnecting…" };

export function Header() {
  const { session, task, search } = useRoute();
  return (
    <header className="top">
      <RouteLink to={{}} className="brand">
        <Logo size={26} />
        <strong>hookmeter</strong>
      </RouteLink>
      <nav aria-label="Main">
        <RouteLink to={{}} className="page" aria-current={session || task || search ? undefined : "page"}>Agents</RouteLink>
        <a className="page" href="/chat">Chat</a>
      </nav>
      <SearchBox />
      {!session && !task && !search && <RangePicker />}
      <Connection />
      <Account />
    </header>
  );
}

function RangePicker() {
  const { range } = useRoute();
  return (
    <fieldset className="options">
      <legend className="visually-hidden">Time range</legend>
      {RANGES.map((one) => (
        <label key={one}>
          <input type="radio" name="range" checked={one === range} onChange={() => selectRange(one)} />
          <span>{RANGE_NAMES[one]}</span>
        </label>
      ))}
    </fieldset>
  );
}

function Connection() {
  const { connection, updatedAt } = useDashboard();
  const lastUpdate = updatedAt ? `Last update ${clockTime(updatedAt)}` : "";
  return (
    <p className={`connection ${connection}`} role="status" title={lastUpdate || undefined}>
      <span className="dot" aria-hidden="true" />
      {CONNECTION_NAMES[connection]}
      {connection === "reconnecting" && lastUpdate && <span className="faint">{lastUpdate}</span>}
    </p>
  );
}

function Account() {
  const { user } = useDashboard();
  if (user === undefined) return null;
  if (!user) return <button type="button" className="button small" onClick={() => client.openLogIn()}>Log in</button>;
  return (
    <div className="account">
      <span title={user.role}>{user.name}</span>
      <button type="button" className="button plain small" onClick={() => void client.logOut()}>Log out</button>
    </div>
  );
}
