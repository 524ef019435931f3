// One task: its facts, its result or error, and its timeline.
import { useCallback } from "react";
import { integer, percent } from "../shared/format";
import { Time } from "../shared/Time";
import { DetailHeader, Fact } from "./DetailHeader";
import { loadTask, useDetails, versionOf } from "./details";
import { Doctor } from "./Doctor";
import { compact, dollarsOrUnknown } from "./format";
import { useDashboard } from "./hooks";
import { RouteLink } from "./RouteLink";
import type { Task } from "./snapshot";
import { TaskButton } from "./TaskButton";
import { Timeline } from "./Timeline";

export function TaskDetail({ taskId }: { taskId: string }) {
  const { snapshot, user } = useDashboard();
  const load = useCallback(() => loadTask(taskId), [taskId]);
  const { data, error } = useDetails(load, `loaded ${versionOf(snapshot, taskId)}`);
  if (!data) return <DetailHeader kind="Task" title={taskId} id={taskId} error={error} />;
  const { task, calls, events, requests, loadedAt } = data;
  return (
    <>
      <DetailHeader
        kind="Task" title={task.description} id={task.task_id} state={task.status} error={error}
        action={user && <TaskButton taskId={task.task_id} state={task.status} title={task.description} />}
      >
        <Facts task={task} />
      </DetailHeader>
      {task.error && <Output title="Error" text={task.error} tone="bad" />}
      {task.result && <Output title="Result" text={task.result} tone="" />}
      {calls.length + events.length > 0 ? <Timeline calls={calls} events={events} requests={requests} loadedAt={loadedAt} /> : (
        <p className="placeholder panel">
          Nothing of this task is in the hook logs or a transcript.
          {task.status !== "pending" && <> Run <Doctor /> to check whether the recorder is installed.</>}
        </p>
      )}
    </>
  );
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
      <Fact name="Turns">{integer(task.turns)}</Fact>
      <Fact name="Tokens">{compact(task.tokens)}</Fact>
      <Fact name="Cost">{dollarsOrUnknown(task.cost_usd)}</Fact>
      {task.session_uuid && (
        <Fact name="Session"><RouteLink to={{ session: task.session_uuid }}>{task.session_uuid.slice(0, 8)}</RouteLink></Fact>
      )}
    </>
  );
}

function Output({ title, text, tone }: { title: string; text: string; tone: string }) {
  return (
    <section className={`panel output ${tone}`}>
      <h2>{title}</h2>
      <pre tabIndex={0}>{text}</pre>
    </section>
  );
}
