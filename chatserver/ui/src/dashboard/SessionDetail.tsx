// One session: its facts, what can be done with it, and its timeline.
import { useCallback } from "react";
import { integer } from "../shared/format";
import { Swatch } from "../shared/Swatch";
import { Time } from "../shared/Time";
import { changesOf } from "./codeChanges";
import { Cost } from "./Cost";
import { DetailHeader, Fact } from "./DetailHeader";
import { loadSession, useDetails, versionOf, type SessionDetails } from "./details";
import { callDuration, compact, counted, DASH } from "./format";
import { HooksHint } from "./HooksHint";
import { useDashboard, useRoute } from "./hooks";
import { Remembered } from "./Remembered";
import { Export, Resume } from "./SessionActions";
import type { Session } from "./snapshot";
import { Timeline } from "./Timeline";
import { totalsOf } from "./timelineRows";

const MAX_TITLE = 120;
const MIN_DOLLARS = 1e-6; // less is an error of adding

export function SessionDetail({ sessionUuid }: { sessionUuid: string }) {
  const { snapshot } = useDashboard();
  const { at } = useRoute();
  const load = useCallback((show: (start: SessionDetails) => void) => loadSession(sessionUuid, show), [sessionUuid]);
  const { data, failed } = useDetails(load, `loaded ${versionOf(snapshot, sessionUuid)}`);
  if (!data) return <DetailHeader kind="Session" title={sessionUuid.slice(0, 8)} id={sessionUuid} failed={failed} />;
  const { summary, record, calls, events, requests, resume, loadedAt, isComplete } = data;
  const hasFiles = record?.files !== false;
  const loaded = totalsOf(requests); // which may not be all of them
  const costBefore = (summary.cost_usd ?? 0) - (loaded.cost ?? 0);
  return (
    <>
      <DetailHeader kind="Session" title={titleOf(data)} id={summary.session_uuid} state={summary.status} failed={failed}>
        <Facts details={data} />
      </DetailHeader>
      {hasFiles && (
        <div className="session-actions">
          {resume && <Resume command={resume} />}
          <Export sessionUuid={sessionUuid} />
        </div>
      )}
      {hasFiles && !summary.witnesses.includes("hooks") && <HooksHint of="session" />}
      {record && !hasFiles ? <Remembered record={record} /> : (
        <Timeline
          session={summary.session_uuid} calls={calls} events={events} requests={requests}
          costBefore={costBefore > MIN_DOLLARS ? costBefore : 0} unpricedBefore={Math.max(0, summary.unpriced_tokens - loaded.unpriced)}
          loadedAt={loadedAt} at={at} isLoading={!isComplete && !failed.error}
        />
      )}
    </>
  );
}

/** Its title, else its first prompt, else its project. */
function titleOf({ summary, record, events }: SessionDetails): string {
  const prompt = events.find(({ kind, detail }) => kind === "prompt" && detail === "person")?.text.trim().split("\n", 1)[0] ?? "";
  const title = record?.title || prompt || summary.project || "unknown project";
  return title.length > MAX_TITLE ? `${title.slice(0, MAX_TITLE)}…` : title;
}

function Facts({ details: { summary, record, requests, events } }: { details: SessionDetails }) {
  const models = [...new Set(requests.map(({ model }) => model))];
  const prompts = Math.max(record?.prompts.length ?? 0, events.filter(({ kind, detail }) => kind === "prompt" && detail === "person").length);
  return (
    <>
      <Fact name="Project">{summary.project || "unknown"}</Fact>
      <Fact name="Calls">{integer(summary.tool_count)}</Fact>
      <Fact name="Failed" tone={summary.error_count ? "bad" : ""}>{integer(summary.error_count)}</Fact>
      {runningNow(summary) && <Fact name="Running">{runningNow(summary)}</Fact>}
      {prompts > 0 && <Fact name="Prompts">{integer(prompts)}</Fact>}
      <Fact name="Duration">{callDuration(summary.duration_ms)}</Fact>
      <Fact name="Started"><Time at={summary.started_at} /></Fact>
      <Fact name="Last activity"><Time at={summary.last_activity_at} /></Fact>
      <Fact name="Tokens">{requests.length ? compact(totalsOf(requests).tokens) : DASH}</Fact>
      <Fact name="Cost"><Cost usd={summary.cost_usd} unpriced={summary.unpriced_tokens} unknown="unknown" /></Fact>
      {models.length > 0 && <Fact name={models.length > 1 ? "Models" : "Model"}>{models.map((model) => <span key={model} className="model"><Swatch name={model} />{model}</span>)}</Fact>}
      {record?.code && changesOf(record.code) && <Fact name="Code">{changesOf(record.code)}</Fact>}
      {record && record.branches.length > 0 && <Fact name="Branch">{record.branches.join(", ")}</Fact>}
      {record && record.versions.length > 0 && <Fact name="Claude Code">{record.versions.join(", ")}</Fact>}
      {record && record.config_dirs.length > 0 && <Fact name="Profile">{record.config_dirs.join(", ")}</Fact>}
      <Fact name="Recorded by">{summary.witnesses.join(" and ")}</Fact>
    </>
  );
}

function runningNow({ running, background_commands: background, running_agents: agents }: Session): string {
  return [
    running ? counted(running, "call") : [],
    background ? `${background} in background` : [],
    agents ? counted(agents, "sub-agent") : [],
  ].flat().join(", ");
}
