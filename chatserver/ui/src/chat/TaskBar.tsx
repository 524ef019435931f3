// One task that waits or runs: what it does, how far it is, what it has cost, and the button that stops it.
import { useState } from "react";
import { dollars, duration } from "../shared/format";
import { useClient } from "./hooks";
import { runTime } from "./tasks";
import type { Task } from "./wire";

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
        <button type="button" className="button small danger" disabled={isStopping} onClick={() => void stop()}>
          Stop<span className="visually-hidden"> the task: {task.description}</span>
        </button>
      </div>
      {task.progress !== null && <progress value={task.progress} aria-label="Progress" />}
    </div>
  );
}

function factsOf(task: Task, tool: string | null, now: number): string[] {
  if (task.status === "pending") return ["Waits for its turn"];
  const time = runTime(task, now);
  return [
    tool ? `Uses ${tool}` : "Works",
    ...(time === null || time < 1000 ? [] : [duration(time)]),
    ...(task.progress === null ? [] : [`${Math.round(task.progress * 100)} %`]),
    ...(task.cost_usd ? [dollars(task.cost_usd)] : []),
  ];
}
