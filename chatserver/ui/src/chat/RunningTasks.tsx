// All pending and running tasks, including those started elsewhere.
import { useNow } from "../shared/hooks";
import { useChat } from "./hooks";
import { TaskBar } from "./TaskBar";
import { byQueueTime, isOpen } from "./tasks";

export function RunningTasks() {
  const { tasks, partialAnswers, user } = useChat();
  const open = Object.values(tasks).filter(isOpen).sort(byQueueTime);
  const now = useNow(open.length > 0);
  if (open.length === 0) return null;
  return (
    <section aria-labelledby="running">
      <h2 id="running">Tasks <span className="badge">{open.length}</span></h2>
      <ul className="running">
        {open.map((task) => (
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
