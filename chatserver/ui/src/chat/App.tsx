// The page: the login form or the workspace.
import { Logo } from "../shared/Logo";
import { useChat } from "./hooks";
import { LogIn, type Registration } from "./LogIn";
import { Workspace } from "./Workspace";

export function App({ registration }: { registration: Registration }) {
  const { user, notice } = useChat();
  if (user) return <Workspace user={user} />;
  if (user === null) return <LogIn registration={registration} />;
  return (
    <main className="loading" aria-busy={!notice}>
      <Logo size={48} />
      <h1 className="visually-hidden">hookmeter chat</h1>
      <p role="status">{notice || "Loading…"}</p>
    </main>
  );
}
