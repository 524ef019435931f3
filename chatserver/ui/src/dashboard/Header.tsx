// The header of the dashboard: with the time range, the connection, and the user.
import { Options } from "../shared/Options";
import { SiteHeader } from "../shared/SiteHeader";
import { client } from "./client";
import { clockTime } from "./format";
import { useDashboard, useRoute } from "./hooks";
import { selectRange } from "./route";
import { HomeLink } from "./RouteLink";

const RANGE_NAMES = { "1h": "1 h", "24h": "24 h", "7d": "7 d", "30d": "30 d" };
const CONNECTION_NAMES = { connecting: "Connecting…", live: "Live", reconnecting: "Reconnecting…" };

export function Header() {
  const { session, task } = useRoute();
  const isOverview = !session && !task;
  return (
    <SiteHeader {...(isOverview && { current: "agents" })} HomeLink={HomeLink} account={<Account />}>
      {isOverview && <RangePicker />}
      <Connection />
    </SiteHeader>
  );
}

function RangePicker() {
  const { range } = useRoute();
  return (
    <Options label="Time range" names={RANGE_NAMES} selected={range} onSelect={selectRange} />
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
      <span className="user" title={`${user.name}, ${user.role}`}>{user.name}</span>
      <button type="button" className="button plain small" onClick={() => void client.logOut()}>Log out</button>
    </>
  );
}
