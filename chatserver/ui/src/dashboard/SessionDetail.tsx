// One session: its facts and its timeline.
import { useCallback } from "react";
import { integer } from "../shared/format";
import { Time } from "../shared/Time";
import { DetailHeader, Fact } from "./DetailHeader";
import { loadSession, useDetails, versionOf } from "./details";
import { callDuration, compact, counted, DASH, dollarsOrUnknown } from "./format";
import { useDashboard, useRoute } from "./hooks";
import type { Session } from "./snapshot";
import { Timeline } from "./Timeline";
import { totalsOf } from "./timelineRows";

function runningNow({ running, background_commands: background, running_agents: agents }: Session): string {
  return [
    running ? counted(running, "call") : [],
    background ? `${background} in background` : [],
    agents ? counted(agents, "sub-agent") : [],
  ].flat().join(", ");
}

export function SessionDetail({ sessionUuid }: { sessionUuid: string }) {
  const { snapshot } = useDashboard();
  const { at } = useRoute();
  const load = useCallback(() => loadSession(sessionUuid), [sessionUuid]);
  const { data, error } = useDetails(load, `loaded ${versionOf(snapshot, sessionUuid)}`);
  if (!data) return <DetailHeader kind="Session" title={sessionUuid.slice(0, 8)} id={sessionUuid} error={error} />;
  const { summary, calls, requests, loadedAt } = data;
  const { tokens, cost } = totalsOf(requests);
  return (
    <>
      <DetailHeader
        kind="Session" title={summary.project || "unknown project"} id={summary.session_uuid} state={summary.status} error={error}
      >
        <Fact name="Calls">{integer(summary.tool_count)}</Fact>
        <Fact name="Failed" tone={summary.error_count ? "bad" : ""}>{integer(summary.error_count)}</Fact>
        {runningNow(summary) && <Fact name="Running">{runningNow(summary)}</Fact>}
        <Fact name="Duration">{callDuration(summary.duration_ms)}</Fact>
        <Fact name="Started"><Time at={summary.started_at} /></Fact>
        <Fact name="Last activity"><Time at={summary.last_activity_at} /></Fact>
        <Fact name="Tokens">{requests.length ? compact(tokens) : DASH}</Fact>
        <Fact name="Cost">{dollarsOrUnknown(cost)}</Fact>
        <Fact name="Recorded by">{summary.witnesses.join(" and ")}</Fact>
      </DetailHeader>
      <Timeline calls={calls} requests={requests} loadedAt={loadedAt} at={at} />
    </>
  );
}
