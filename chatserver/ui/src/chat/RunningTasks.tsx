// All pending and running tasks, including those started elsewhere.
import { useNow } from "../shared/hooks";
import { useHeld } from "./held";
import { useChat } from "./hooks";
import { TaskBar } from "./TaskBar";
import { byQueueTime, isOpen } from "./tasks";

/** Held tasks stay in their place after their end; new ones, which would push them up, are shown later. */
export function RunningTasks({ isHeld }: { isHeld: boolean }) {
  const { tasks, partialAnswers, user } = useChat();
  const open = Object.values(tasks).filter(isOpen).sort(byQueueTime);
  const shown = useHeld(open, isHeld).map((task) => tasks[task.task_id] ?? task);
  const now = useNow(open.length > 0);
  if (shown.length === 0) return null;
  return (
    <section aria-labelledby="running" className="running">
      <h2 id="running">Tasks <span className="badge">{open.length}</span></h2>
      <ul>
        {shown.map((task) => (
          <li key={task.task_id}>
            <p className="title">{task.description}</p>
            {task.user_id !== user?.user_id && <p className="faint">another user’s task</p>}
            <TaskBar task={task} tool={partialAnswers[task.task_id]?.tool ?? null} now={now} />
          </li>
        ))}
      </ul>
    </section>
  );
}
