// An answer as it streams in, and the task that writes it.
import { useDeferredValue } from "react";
import { Answer, ROLE_NAMES } from "./MessageItem";
import type { Task } from "./protocol";
import type { PartialAnswer } from "./state";
import { Steps } from "./Steps";
import { TaskBar } from "./TaskBar";

interface Props {
  task: Task;
  partial: PartialAnswer | undefined;
  now: number;
}

export function StreamingItem({ task, partial, now }: Props) {
  const text = useDeferredValue(partial?.text ?? "");
  return (
    <li className="message assistant working" aria-busy="true">
      <div className="byline">
        <h2>{ROLE_NAMES.assistant}</h2>
      </div>
      {text && <Answer text={text} />}
      <Steps task={task} />
      <TaskBar task={task} tool={partial?.tool ?? null} now={now} />
    </li>
  );
}
