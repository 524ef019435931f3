// One task: its facts, its result or error, and its timeline.
import { useCallback } from "react";
import { integer, percent } from "../shared/format";
import { Time } from "../shared/Time";
import { Cost } from "./Cost";
import { DetailHeader, Fact } from "./DetailHeader";
import { loadTask, useDetails, versionOf } from "./details";
import { Doctor } from "./Doctor";
import { compact } from "./format";
import { useDashboard } from "./hooks";
import { RouteLink } from "./RouteLink";
import type { Task } from "./snapshot";
import { TaskButton } from "./TaskButton";
import { Timeline } from "./Timeline";

export function TaskDetail({ taskId }: { taskId: string }) {
  const { snapshot, user } = useDashboard();
  const load = useCallback(() => loadTask(taskId), [taskId]);
  const { data, failed } = useDetails(load, `loaded ${versionOf(snapshot, taskId)}`);
  if (!data) return <DetailHeader kind="Task" title={taskId} id={taskId} failed={failed} />;
  const { task, calls, events, requests, loadedAt } = data;
  return (
    <>
      <DetailHeader
        kind="Task" title={task.description} id={task.task_id} state={task.status} note={deniedNote(task)} failed={failed}
        action={user && <TaskButton taskId={task.task_id} state={task.status} title={task.description} />}
      >
        <Facts task={task} />
      </DetailHeader>
      {task.error && (task.status === "completed" ? (
        <Output title="Completed, with denials" text={task.error} tone="warn" />
      ) : (
        <Output title="Error" text={task.error} tone="bad" />
      ))}
      {task.result && <Output title="Result" text={task.result} tone="" />}
      {calls.length + events.length > 0 ? <Timeline session={task.session_uuid ?? ""} calls={calls} events={events} requests={requests} loadedAt={loadedAt} /> : (
        <p className="placeholder panel">
          Nothing of this task is in the hook logs or a transcript.
          {task.status !== "pending" && <> Run <Doctor /> to check whether the recorder is installed.</>}
        </p>
      )}
    </>
  );
}

function deniedNote(task: Task): string {
  return task.status === "completed" && (task.error || task.denied_calls > 0) ? "with denials" : "";
}

function Facts({ task }: { task: Task }) {
  return (
    <>
      <Fact name="Agent">{task.agent_type || "main"}</Fact>
      {task.model && <Fact name="Model">{task.model}</Fact>}
      <Fact name="Created"><Time at={task.created_at} /></Fact>
      {task.started_at && <Fact name="Started"><Time at={task.started_at} /></Fact>}
      {task.finished_at && <Fact name="Finished"><Time at={task.finished_at} /></Fact>}
      {task.progress !== null && <Fact name="Progress">{percent(task.progress)}</Fact>}
      {task.permission_mode && <Fact name="Permission mode">{task.permission_mode}</Fact>}
      {task.calls > 0 && <Fact name="Calls">{callsOf(task)}</Fact>}
      {task.changed_files > 0 && <Fact name="Files changed">{integer(task.changed_files)}</Fact>}
      {hasNoUsageYet(task) || (
        <>
          {task.turns > 0 && <Fact name="Turns">{integer(task.turns)}</Fact>}
          <Fact name="Tokens">{task.tokens === 0 && task.cost_usd === null ? "unknown" : compact(task.tokens)}</Fact>
          <Fact name="Cost"><Cost usd={task.cost_usd} known={task.known_cost_usd} unpriced={task.unpriced_tokens} unknown="unknown" /></Fact>
        </>
      )}
      {task.session_uuid && (
        <Fact name="Session"><RouteLink to={{ session: task.session_uuid }}>{task.session_uuid.slice(0, 8)}</RouteLink></Fact>
      )}
    </>
  );
}

/** Whether the task has not reported any usage yet, which does not mean that it costs nothing. */
function hasNoUsageYet({ status, tokens }: Task): boolean {
  return (status === "pending" || status === "running") && tokens === 0;
}

function callsOf(task: Task): string {
  const outcomes = { failed: task.failed_calls, denied: task.denied_calls, interrupted: task.interrupted_calls };
  const counted = Object.entries(outcomes).filter(([, count]) => count > 0).map(([name, count]) => `${integer(count)} ${name}`);
  return [integer(task.calls), ...counted].join(", ");
}

function Output({ title, text, tone }: { title: string; text: string; tone: string }) {
  return (
    <section className={`panel output ${tone}`}>
      <h2>{title}</h2>
      <pre tabIndex={0}>{text}</pre>
    </section>
  );
}
