// A task: its status or current tool, run time, progress, cost, and a stop button.
import { useState } from "react";
import { duration, percent } from "../shared/format";
import type { TaskStatus } from "../shared/types";
import { useClient } from "./hooks";
import type { Task } from "./protocol";
import { costOf, isOpen, runTime } from "./tasks";

const STATUSES: Record<TaskStatus, string> = {
  pending: "Pending", running: "Working", completed: "Completed", failed: "Failed", stopped: "Stopped",
};

interface Props {
  task: Task;
  tool: string | null;
  now: number;
}

export function TaskBar({ task, tool, now }: Props) {
  const client = useClient();
  const [isStopping, setStopping] = useState(false);
  const stop = async () => {
    setStopping(true);
    await client.stop(task.task_id);
    setStopping(false);
  };
  return (
    <div className="task">
      <div className="row">
        <span className="facts">{factsOf(task, tool, now).map((fact) => <span key={fact}>{fact}</span>)}</span>
        <button type="button" className="button small danger" disabled={isStopping || !isOpen(task)} onClick={() => void stop()}>
          Stop<span className="visually-hidden"> task: {task.description}</span>
        </button>
      </div>
      {task.progress !== null && <progress value={task.progress} aria-label="Progress" />}
    </div>
  );
}

function factsOf(task: Task, tool: string | null, now: number): string[] {
  const time = runTime(task, now);
  return [
    task.status === "running" && tool ? `Using ${tool}` : STATUSES[task.status],
    ...(time === null || time < 1000 ? [] : [duration(time)]),
    ...(task.progress === null ? [] : [percent(task.progress)]),
    ...(task.known_cost_usd ? [costOf(task)] : []),
  ];
}
