// Stops a pending or running task, or restarts an ended one.
import { useState } from "react";
import { client } from "./client";

export function TaskButton({ taskId, state, title }: { taskId: string; state: string; title: string }) {
  const [isBusy, setBusy] = useState(false);
  const isOpen = state === "pending" || state === "running";
  const act = async () => {
    setBusy(true);
    await (isOpen ? client.stop(taskId) : client.restart(taskId));
    setBusy(false);
  };
  return (
    <button type="button" className={`button small ${isOpen ? "danger" : ""}`} disabled={isBusy} onClick={() => void act()}>
      {isOpen ? "Stop" : "Restart"}<span className="visually-hidden"> task: {title}</span>
    </button>
  );
}
