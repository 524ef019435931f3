// Either the way in, or what is behind it.
import { useChat } from "./hooks";
import { LogIn } from "./LogIn";
import { Mark } from "../shared/Mark";
import { Workspace } from "./Workspace";

export function App({ canRegister }: { canRegister: boolean }) {
  const { user, notice } = useChat();
  if (user) return <Workspace user={user} />;
  if (user === null) return <LogIn canRegister={canRegister} />;
  return (
    <main className="opening" aria-busy={!notice}>
      <Mark size={48} />
      <h1 className="visually-hidden">hookmeter chat</h1>
      <p role="status">{notice || "Opening…"}</p>
    </main>
  );
}
