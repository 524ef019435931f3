// The overview: key figures, running work, tools and errors, costs, and sessions.
import { useCompared } from "./Change";
import { Costs } from "./Costs";
import { Errors } from "./Errors";
import { useFigures } from "./figures";
import { Glance } from "./Glance";
import { useLatestErrors } from "./latestErrors";
import { HooksHint } from "./HooksHint";
import { useDashboard, useRoute } from "./hooks";
import { Quotas } from "./Quotas";
import { RunningWork } from "./RunningWork";
import { Sessions } from "./Sessions";
import type { Snapshot } from "./snapshot";
import { Tools } from "./Tools";
import { Waiting } from "./Waiting";
import { Waits } from "./Waits";

export function Overview({ snapshot }: { snapshot: Snapshot }) {
  const { range } = useRoute();
  const { updatedAt } = useDashboard();
  const { figures, isLoading } = useFigures(range, snapshot, updatedAt);
  const latestErrors = useLatestErrors(range, snapshot, updatedAt);
  const compared = useCompared(range, updatedAt);
  return (
    <div className={`overview ${isLoading ? "loading" : ""}`} aria-busy={isLoading}>
      <h1 className="visually-hidden">Agents</h1>
      {!snapshot.complete && (
        <p className="hint" role="status">Still reading logs and transcripts; figures are incomplete.</p>
      )}
      {!snapshot.recent_sessions.newest.some(({ witnesses }) => witnesses.includes("hooks")) && <HooksHint of="day" />}
      <Waiting waiting={snapshot.waiting} />
      {figures
        ? <Glance snapshot={snapshot} figures={figures} compared={isLoading ? { ...compared, comparison: null } : compared} />
        : <p className="glance placeholder" role="status">Loading…</p>}
      <Quotas quota={snapshot.quota} />
      <RunningWork running={snapshot.running} />
      {figures ? (
        <>
          <div className="pair">
            <Tools figures={figures} />
            <Errors figures={figures} latest={latestErrors} />
          </div>
          <Waits range={range} updatedAt={updatedAt} />
          <Costs figures={figures} />
        </>
      ) : <div className="panel coming" aria-hidden="true" />}
      <Sessions />
    </div>
  );
}
