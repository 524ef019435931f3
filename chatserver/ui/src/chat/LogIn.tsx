// Logging in, and making an account where that is on.
import { useId, useState, type FormEvent } from "react";
import { Problem } from "../shared/api";
import type { Entrance } from "./client";
import { useChat, useClient } from "./hooks";
import { Mark } from "../shared/Mark";

const WORDS: Record<Entrance, { title: string; deed: string; other: string; autoComplete: string }> = {
  login: { title: "Log in", deed: "Log in", other: "Make an account", autoComplete: "current-password" },
  register: { title: "Make an account", deed: "Make it", other: "I have an account", autoComplete: "new-password" },
};

export function LogIn({ canRegister }: { canRegister: boolean }) {
  const { goodbye, drafts, outbox } = useChat();
  const client = useClient();
  const [entrance, setEntrance] = useState<Entrance>("login");
  const [complaint, setComplaint] = useState("");
  const [busy, setBusy] = useState(false);
  const id = useId();
  const words = WORDS[entrance];
  const isTextKept = outbox.length > 0 || Object.values(drafts).some(Boolean);

  const enter = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setComplaint("");
    try {
      await client.logIn(entrance, String(form.get("name")), String(form.get("password")));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setComplaint(error.message);
      setBusy(false);
    }
  };

  return (
    <main className="login">
      <form className="card" onSubmit={(event) => void enter(event)} aria-labelledby={`${id}-title`}>
        <div className="brand">
          <Mark size={40} />
          <div>
            <p className="faint">hookmeter chat</p>
            <h1 id={`${id}-title`}>{words.title}</h1>
          </div>
        </div>
        {goodbye && <p role="status" className="hint">{goodbye} {isTextKept && "Your text is kept."}</p>}
        <label htmlFor={`${id}-name`}>Name</label>
        <input
          id={`${id}-name`} className="field" name="name" required maxLength={64}
          autoComplete="username" autoCapitalize="none" spellCheck={false} autoFocus
        />
        <label htmlFor={`${id}-password`}>Password</label>
        <input
          id={`${id}-password`} className="field" name="password" type="password" required maxLength={200}
          autoComplete={words.autoComplete}
        />
        <p role="alert" className="complaint">{complaint}</p>
        <button type="submit" className="button main" disabled={busy}>{words.deed}</button>
        {canRegister && (
          <button
            type="button" className="button plain"
            onClick={() => { setEntrance(entrance === "login" ? "register" : "login"); setComplaint(""); }}
          >
            {words.other}
          </button>
        )}
      </form>
    </main>
  );
}
