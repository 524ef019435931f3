// The overview: key figures, running work, tools and errors, costs, and sessions.
import { Failure } from "../shared/Failure";
import { useCompared } from "./Change";
import { Costs } from "./Costs";
import { Errors } from "./Errors";
import { useFigures, type Figures } from "./figures";
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
  const { figures, isLoading, problem, retry } = useFigures(range, snapshot, updatedAt);
  const latestErrors = useLatestErrors(range, snapshot, updatedAt);
  const compared = useCompared(range, updatedAt);
  return (
    <div className={`overview ${isLoading ? "loading" : ""}`} aria-busy={isLoading}>
      <h1 className="visually-hidden">Agents</h1>
      {incompleteness(snapshot, figures) && <p className="hint" role="status">{incompleteness(snapshot, figures)}</p>}
      {!snapshot.recent_sessions.newest.some(({ witnesses }) => witnesses.includes("hooks")) && <HooksHint of="day" />}
      <Waiting waiting={snapshot.waiting} />
      {figures
        ? <Glance snapshot={snapshot} figures={figures} compared={isLoading ? { ...compared, comparison: null } : compared} />
        : <RangePlaceholder problem={problem} retry={retry} />}
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
      ) : !problem && <div className="panel coming" aria-hidden="true" />}
      <Sessions />
    </div>
  );
}

/** Why figures are incomplete; empty if they are complete. */
function incompleteness(snapshot: Snapshot, figures: Figures | null): string {
  if (!snapshot.complete) return "Still reading logs and transcripts; figures are incomplete.";
  return figures?.isComplete === false ? "Figures before the last 24 h are incomplete until the exporter has read all logs and transcripts." : "";
}

/** What is shown instead of figures: that they are being loaded, or why they cannot be. */
function RangePlaceholder({ problem, retry }: { problem: string; retry: () => void }) {
  if (!problem) return <p className="glance placeholder" role="status">Loading…</p>;
  return <Failure className="glance placeholder" error={`The figures of this range cannot be shown: ${problem}`} retry={retry} />;
}
