// One task: what was asked, what came of it, and its timeline.
import { useCallback } from "react";
import { Time } from "../shared/Time";
import { readTask, signOf, useReading } from "./details";
import { DetailHead, Fact } from "./DetailHead";
import { money, percent, short, whole } from "./figures";
import { useDashboard } from "./hooks";
import { Link } from "./Link";
import { TaskButton } from "./TaskButton";
import { Timeline } from "./Timeline";

export function TaskDetail({ taskId }: { taskId: string }) {
  const { snapshot, user } = useDashboard();
  const read = useCallback(() => readTask(taskId), [taskId]);
  const { found, complaint } = useReading(read, `once ${signOf(snapshot, taskId)}`);
  if (!found) return <DetailHead kind="Task" title={taskId} id={taskId} complaint={complaint} />;
  const { task, calls, requests, readAt } = found;
  return (
    <>
      <DetailHead
        kind="Task" title={task.description} id={task.task_id} state={task.status} complaint={complaint}
        deed={user && <TaskButton taskId={task.task_id} state={task.status} title={task.description} />}
      >
        <Fact name="Agent">{task.agent_type || "main"}</Fact>
        {task.model && <Fact name="Model">{task.model}</Fact>}
        <Fact name="Asked for"><Time at={task.created_at} /></Fact>
        {task.started_at && <Fact name="Began"><Time at={task.started_at} /></Fact>}
        {task.finished_at && <Fact name="Ended"><Time at={task.finished_at} /></Fact>}
        {task.progress !== null && <Fact name="Progress">{percent(task.progress)}</Fact>}
        <Fact name="Turns">{whole(task.turns)}</Fact>
        <Fact name="Tokens">{short(task.tokens)}</Fact>
        <Fact name="Cost">{money(task.cost_usd)}</Fact>
        {task.session_uuid && <Fact name="Session"><Link to={{ session: task.session_uuid }}>{task.session_uuid.slice(0, 8)}</Link></Fact>}
      </DetailHead>
      {task.error && <Said title="Why it failed" text={task.error} tone="bad" />}
      {task.result && <Said title="What it answered" text={task.result} tone="" />}
      {calls.length > 0 ? <Timeline calls={calls} requests={requests} readAt={readAt} /> : (
        <p className="nothing panel">No tool call of this task is in the hook logs. {task.status !== "pending" && "Is the recorder installed? hookmeter doctor tells."}</p>
      )}
    </>
  );
}

function Said({ title, text, tone }: { title: string; text: string; tone: string }) {
  return (
    <section className={`panel said-by ${tone}`}>
      <h2>{title}</h2>
      <pre tabIndex={0}>{text}</pre>
    </section>
  );
}
