// The header of the dashboard: with the search, the time range, the connection, and the user.
import { AccountButton } from "../shared/AccountButton";
import { SiteHeader } from "../shared/SiteHeader";
import { client } from "./client";
import { clockTime } from "./format";
import { useDashboard, useRoute } from "./hooks";
import { RangePicker } from "./RangePicker";
import { HomeLink } from "./RouteLink";
import { SearchBox } from "./SearchBox";

const CONNECTION_NAMES = { connecting: "Connecting…", live: "Live", reconnecting: "Reconnecting…" };

export function Header() {
  const { session, task, search } = useRoute();
  const isOverview = !session && !task && !search;
  return (
    <SiteHeader {...(isOverview && { current: "agents" })} HomeLink={HomeLink} account={<Account />}>
      <SearchBox />
      {isOverview && <RangePicker />}
      <Connection />
    </SiteHeader>
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
    <>
      <AccountButton user={user} onNewToken={() => client.reconnect()} onLoggedOutEverywhere={() => client.leaveEverywhere()} />
      <button type="button" className="button plain small" onClick={() => void client.logOut()}>Log out</button>
    </>
  );
}
