// Everything at once: the figures first, then the work, then what it is made of.
import { Costs } from "./Costs";
import { Errors } from "./Errors";
import { Glance } from "./Glance";
import { usePlace } from "./hooks";
import { RunningWork } from "./RunningWork";
import { Sessions } from "./Sessions";
import type { Snapshot } from "./snapshot";
import { Tools } from "./Tools";

export function Overview({ snapshot }: { snapshot: Snapshot }) {
  const { range } = usePlace();
  const span = range === "1h" ? "1h" : "24h";
  return (
    <div className="overview">
      <h1 className="visually-hidden">Agents</h1>
      {!snapshot.complete && (
        <p className="hint" role="status">Logs and transcripts are still being read; the figures grow until they are.</p>
      )}
      <Glance snapshot={snapshot} span={span} />
      <RunningWork running={snapshot.running} />
      <div className="pair">
        <Tools tools={snapshot.tools[span]} span={span} isShorter={span !== range} />
        <Errors tools={snapshot.tools[span]} span={span} latest={snapshot.latest_errors} isShorter={span !== range} />
      </div>
      <Costs costs={snapshot.costs[range]} range={range} />
      <Sessions recent={snapshot.recent_sessions} />
    </div>
  );
}
