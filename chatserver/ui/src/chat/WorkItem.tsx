// An answer that is being written, and the task that writes it.
import { useDeferredValue } from "react";
import { Markdown } from "./Markdown";
import { SPEAKERS } from "./MessageItem";
import type { Writing } from "./state";
import { TaskBar } from "./TaskBar";
import type { Task } from "./wire";

interface Props {
  task: Task;
  writing: Writing | undefined;
  now: number;
}

export function WorkItem({ task, writing, now }: Props) {
  const text = useDeferredValue(writing?.text ?? "");
  return (
    <li className="message assistant working" aria-busy="true">
      <div className="byline">
        <h2>{SPEAKERS.assistant}</h2>
      </div>
      {text && <Markdown text={text} />}
      <TaskBar task={task} tool={writing?.tool ?? null} now={now} />
    </li>
  );
}
