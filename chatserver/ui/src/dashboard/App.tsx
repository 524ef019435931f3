// The page: the login form, the overview, or the details of a session or a task.
import { useEffect } from "react";
import { ErrorBoundary, Failed } from "../shared/ErrorBoundary";
import { useObservable } from "../shared/hooks";
import { preferences } from "../shared/preferences";
import { whoSees } from "../shared/whoSees";
import { GettingStarted } from "./GettingStarted";
import { Header } from "./Header";
import { useDashboard, useRoute } from "./hooks";
import { KeysDialog } from "./KeysDialog";
import { LogIn } from "./LogIn";
import { Notice } from "./Notice";
import { Overview } from "./Overview";
import { SearchResults } from "./SearchResults";
import { SessionDetail } from "./SessionDetail";
import type { Snapshot } from "./snapshot";
import { TaskDetail } from "./TaskDetail";
import { badge, notifying } from "./waitingNotifier";

export function App({ canRegister }: { canRegister: boolean }) {
  const { logIn, snapshot, user } = useDashboard();
  const { session, task } = useRoute();
  useTitle(snapshot);
  useObservable(preferences); // with the clock, all times on the page change
  if (logIn !== "hidden") return <LogIn canRegister={canRegister} canGoBack={logIn === "open"} />;
  return (
    <>
      <a className="skip" href="#content">Skip to content</a>
      <Header />
      <KeysDialog />
      <Notice />
      <main id="content" tabIndex={-1}>
        <ErrorBoundary fallback={<Failed what="This page" />} of={`${session} ${task}`}>
          <Content snapshot={snapshot} />
        </ErrorBoundary>
        {user !== undefined && <p className="who-sees faint">{whoSees(user)}</p>}
      </main>
    </>
  );
}

function Content({ snapshot }: { snapshot: Snapshot | null }) {
  const { session, task, search } = useRoute();
  if (search) return <SearchResults search={search} />;
  if (task) return <TaskDetail key={task} taskId={task} />;
  if (session) return <SessionDetail key={session} sessionUuid={session} />;
  if (!snapshot) return <Connecting />;
  return hasNoActivity(snapshot) ? <GettingStarted /> : <Overview snapshot={snapshot} />;
}

/** What is shown before the first snapshot: that it is being loaded, or why it cannot be. */
function Connecting() {
  const { connection, problem } = useDashboard();
  if (connection !== "reconnecting") return <p className="placeholder" role="status">Loading…</p>;
  return (
    <div className="placeholder panel failure" role="alert">
      <h1 className="visually-hidden">Agents</h1>
      <p>{problem}</p>
      <p className="faint">This page tries again every few seconds.</p>
    </div>
  );
}

/** Whether nothing was ever recorded, by anyone: the figures count all users, whatever this one may see. */
function hasNoActivity(all: Snapshot): boolean {
  const { active, idle, completed } = all.sessions;
  const tasks = all.active_tasks + all.completed_tasks_24h + all.failed_tasks_24h + all.stopped_tasks_24h;
  return all.complete && active + idle + completed + tasks === 0 && !all.cost_month && !all.unpriced_tokens_month;
}

function useTitle(snapshot: Snapshot | null): void {
  useObservable(notifying);
  const running = snapshot ? snapshot.active_tasks + snapshot.running.sessions.length : 0;
  const waiting = badge(snapshot?.waiting ?? []);
  useEffect(() => {
    const number = waiting ? `(${waiting} waiting) ` : running ? `(${running}) ` : "";
    document.title = `${number}Agents · hookmeter`;
  }, [running, waiting]);
}
