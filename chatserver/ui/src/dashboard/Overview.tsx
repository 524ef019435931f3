// The overview: key figures, running work, tools and errors, costs, and sessions.
import { Costs } from "./Costs";
import { Errors } from "./Errors";
import { Glance } from "./Glance";
import { useRoute } from "./hooks";
import { Quotas } from "./Quotas";
import { RunningWork } from "./RunningWork";
import { Sessions } from "./Sessions";
import type { Snapshot } from "./snapshot";
import { Tools } from "./Tools";
import { Waiting } from "./Waiting";

export function Overview({ snapshot }: { snapshot: Snapshot }) {
  const { range } = useRoute();
  const span = range === "1h" ? "1h" : "24h";
  const isShorter = span !== range;
  return (
    <div className="overview">
      <h1 className="visually-hidden">Agents</h1>
      {!snapshot.complete && (
        <p className="hint" role="status">Still reading logs and transcripts; figures are incomplete.</p>
      )}
      <Waiting waiting={snapshot.waiting} />
      <Glance snapshot={snapshot} span={span} />
      <Quotas quota={snapshot.quota} />
      <RunningWork running={snapshot.running} />
      <div className="pair">
        <Tools tools={snapshot.tools[span]} span={span} isShorter={isShorter} />
        <Errors tools={snapshot.tools[span]} span={span} latest={snapshot.latest_errors} isShorter={isShorter} />
      </div>
      <Costs costs={snapshot.costs[range]} range={range} />
      <Sessions recent={snapshot.recent_sessions} />
    </div>
  );
}
