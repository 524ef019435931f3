// One session: its figures, and its timeline.
import { useCallback } from "react";
import { Time } from "../shared/Time";
import { readSession, signOf, useReading } from "./details";
import { DetailHead, Fact } from "./DetailHead";
import { money, short, took, whole } from "./figures";
import { useDashboard } from "./hooks";
import { sumOf } from "./steps";
import { Timeline } from "./Timeline";

export function SessionDetail({ sessionUuid }: { sessionUuid: string }) {
  const { snapshot } = useDashboard();
  const read = useCallback(() => readSession(sessionUuid), [sessionUuid]);
  const { found, complaint } = useReading(read, `once ${signOf(snapshot, sessionUuid)}`);
  if (!found) return <DetailHead kind="Session" title={sessionUuid.slice(0, 8)} id={sessionUuid} complaint={complaint} />;
  const { summary, calls, requests, readAt } = found;
  const { tokens, cost } = sumOf(requests);
  return (
    <>
      <DetailHead
        kind="Session" title={summary.project || "unknown project"} id={summary.session_uuid} state={summary.status} complaint={complaint}
      >
        <Fact name="Calls">{whole(summary.tool_count)}</Fact>
        <Fact name="Failed" tone={summary.error_count ? "bad" : ""}>{whole(summary.error_count)}</Fact>
        <Fact name="Lasted">{took(summary.duration_ms)}</Fact>
        <Fact name="Began"><Time at={summary.started_at} /></Fact>
        <Fact name="Last activity"><Time at={summary.last_activity_at} /></Fact>
        <Fact name="Tokens">{requests.length ? short(tokens) : "–"}</Fact>
        <Fact name="Cost">{money(cost)}</Fact>
      </DetailHead>
      <Timeline calls={calls} requests={requests} readAt={readAt} />
    </>
  );
}
