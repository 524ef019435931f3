// Either the way in, or the overview, or what one of its lines opens to.
import { useEffect } from "react";
import { Empty } from "./Empty";
import { Header } from "./Header";
import { useDashboard, usePlace } from "./hooks";
import { LogIn } from "./LogIn";
import { Notice } from "./Notice";
import { Overview } from "./Overview";
import { SessionDetail } from "./SessionDetail";
import type { Snapshot } from "./snapshot";
import { TaskDetail } from "./TaskDetail";

export function App({ canRegister }: { canRegister: boolean }) {
  const { atDoor, snapshot } = useDashboard();
  useTitle(snapshot);
  if (atDoor !== "no") return <LogIn canRegister={canRegister} canGoBack={atDoor === "asked"} />;
  return (
    <>
      <a className="skip" href="#content">Skip to the content</a>
      <Header />
      <Notice />
      <main id="content" tabIndex={-1}>
        <Content snapshot={snapshot} />
      </main>
    </>
  );
}

function Content({ snapshot }: { snapshot: Snapshot | null }) {
  const { session, task } = usePlace();
  if (task) return <TaskDetail key={task} taskId={task} />;
  if (session) return <SessionDetail key={session} sessionUuid={session} />;
  if (!snapshot) return <p className="waiting" role="status">Waiting for the first figures…</p>;
  return isBare(snapshot) ? <Empty /> : <Overview snapshot={snapshot} />;
}

/** Whether nobody's agents have done anything, however little of it the viewer may see. */
function isBare(all: Snapshot): boolean {
  const { active, idle, completed } = all.sessions;
  const tasks = all.active_tasks + all.completed_tasks_24h + all.failed_tasks_24h + all.stopped_tasks_24h;
  return all.complete && active + idle + completed + tasks === 0 && !all.cost_month;
}

function useTitle(snapshot: Snapshot | null): void {
  const running = snapshot ? snapshot.active_tasks + snapshot.running.sessions.length : 0;
  useEffect(() => {
    document.title = `${running ? `(${running}) ` : ""}Agents · hookmeter`;
  }, [running]);
}
