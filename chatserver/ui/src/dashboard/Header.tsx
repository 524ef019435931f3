// The top bar: navigation, time range, connection, and user.
import { AccountButton } from "../shared/AccountButton";
import { Logo } from "../shared/Logo";
import { client } from "./client";
import { clockTime } from "./format";
import { useDashboard, useRoute } from "./hooks";
import { RangePicker } from "./RangePicker";
import { RouteLink } from "./RouteLink";
import { SearchBox } from "./SearchBox";

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
      <AccountButton user={user} onNewToken={() => client.reconnect()} onLoggedOutEverywhere={() => client.leaveEverywhere()} />
      <button type="button" className="button plain small" onClick={() => void client.logOut()}>Log out</button>
    </div>
  );
}
