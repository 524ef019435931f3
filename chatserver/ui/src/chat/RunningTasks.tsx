// Every task that waits or runs, wherever it was begun.
import { useChat } from "./hooks";
import { useNow } from "../shared/hooks";
import { TaskBar } from "./TaskBar";
import { isOpen } from "./tasks";

export function RunningTasks() {
  const { tasks, writings, user } = useChat();
  const open = Object.values(tasks).filter(isOpen).sort((one, other) => one.queued_at.localeCompare(other.queued_at));
  const now = useNow(open.length > 0);
  if (open.length === 0) return null;
  return (
    <section aria-labelledby="running">
      <h2 id="running">Tasks <span className="badge">{open.length}</span></h2>
      <ul className="running">
        {open.map((task) => (
          <li key={task.task_id}>
            <p className="title">{task.description}</p>
            {task.user_id !== user?.user_id && <p className="faint">somebody else’s</p>}
            <TaskBar task={task} tool={writings[task.task_id]?.tool ?? null} now={now} />
          </li>
        ))}
      </ul>
    </section>
  );
}
