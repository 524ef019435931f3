// What a task has done: its tool calls with their outcomes, the files that it changed, and the way to its timeline.
import { useEffect, useState } from "react";
import { request } from "../shared/api";
import { failed, NOT_FAILED, type FailedRequest } from "../shared/failed";
import { Failure } from "../shared/Failure";
import { integer } from "../shared/format";
import { Words } from "../shared/Words";
import type { Step, StepList, Task } from "./protocol";
import { isOpen } from "./tasks";
import "./steps.css";

const OUTCOME_NAMES = {
  success: "Done", error: "Failed", denied: "Denied", interrupted: "Interrupted", unknown: "Unknown", running: "Running",
};

export function Steps({ task }: { task: Task }) {
  const [isShown, setShown] = useState(false);
  if (task.calls === 0) return null;
  return (
    <details className="steps" onToggle={(event) => setShown(event.currentTarget.open)}>
      <summary>
        <span className="facts">{factsOf(task).map(({ text, tone }) => <span key={text} className={tone}>{text}</span>)}</span>
      </summary>
      {isShown && <StepItems task={task} />}
      {isShown && task.session_uuid && <a href={`/?session=${task.session_uuid}`}>Timeline of the session</a>}
    </details>
  );
}

function factsOf(task: Task): { text: string; tone: string }[] {
  const count = (number: number, noun: string, tone = "") => (number ? [{ text: `${integer(number)} ${noun}`, tone }] : []);
  return [
    ...count(task.calls, task.calls === 1 ? "step" : "steps"),
    ...count(task.changed_files, task.changed_files === 1 ? "file changed" : "files changed"),
    ...count(task.failed_calls, "failed", "bad"),
    ...count(task.denied_calls, "denied", "warn"),
    ...count(task.interrupted_calls, "interrupted"),
  ];
}

function StepItems({ task }: { task: Task }) {
  const { list, failure } = useSteps(task);
  if (!list) return failure.error ? <Failure {...failure} /> : <p role="status" className="faint">Loading…</p>;
  const missing = list.calls - list.steps.length;
  return (
    <>
      <Failure {...failure} />
      {missing > 0 && <p className="faint">The first {integer(missing)} are in the timeline only.</p>}
      <ol className="scrolling" tabIndex={0} aria-label="Steps">{list.steps.map((step, index) => <StepItem key={missing + index} step={step} isOver={!isOpen(task)} />)}</ol>
    </>
  );
}

function StepItem({ step, isOver }: { step: Step; isOver: boolean }) {
  const outcome = step.outcome ?? (isOver ? "unknown" : "running");
  const subject = step.changes || step.about;
  return (
    <li className={outcome}>
      <span className="outcome">{OUTCOME_NAMES[outcome]}</span>
      <span className="call">
        <b>{step.tool}</b>
        {step.agent !== "main" && <span className="faint">{step.agent}</span>}
        {subject && <code title={step.about}>{isShownWhole(outcome) ? <Words of={subject} /> : subject}</code>}
      </span>
      {step.error && <span className="reason">{step.error}</span>}
    </li>
  );
}

/** Whether it matters what exactly a call was about: it failed or was denied. */
function isShownWhole(outcome: keyof typeof OUTCOME_NAMES): boolean {
  return outcome === "error" || outcome === "denied";
}

/** The steps, loaded again whenever the task has changed. */
function useSteps(task: Task): { list: StepList | null; failure: FailedRequest } {
  const [list, setList] = useState<StepList | null>(null);
  const [failure, setFailure] = useState(NOT_FAILED);
  const [attempt, setAttempt] = useState(0);
  const { task_id: id, version } = task;
  useEffect(() => {
    let isCurrent = true;
    setFailure(NOT_FAILED);
    request<StepList>("GET", `/api/task_steps/${encodeURIComponent(id)}`).then(
      (loaded) => isCurrent && setList(loaded),
      (error: unknown) => isCurrent && setFailure(failed(error, () => setAttempt(attempt + 1))),
    );
    return () => { isCurrent = false; };
  }, [id, version, attempt]);
  return { list, failure };
}
