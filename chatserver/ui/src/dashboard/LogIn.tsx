// Logging in, where reading wants it, or to stop and restart tasks.
import { useId, useState, type FormEvent } from "react";
import { Mark } from "../shared/Mark";
import { Problem } from "../shared/api";
import { client } from "./client";
import { useDashboard } from "./hooks";

export function LogIn({ canRegister, canGoBack }: { canRegister: boolean; canGoBack: boolean }) {
  const { notice } = useDashboard();
  const [complaint, setComplaint] = useState("");
  const [isBusy, setBusy] = useState(false);
  const id = useId();

  const enter = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setComplaint("");
    try {
      await client.logIn(String(form.get("name")), String(form.get("password")));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setComplaint(error.message);
      setBusy(false);
    }
  };

  return (
    <main className="door">
      <form className="panel" onSubmit={(event) => void enter(event)} aria-labelledby={`${id}-title`}>
        <div className="brand">
          <Mark size={36} />
          <h1 id={`${id}-title`}>Log in to hookmeter</h1>
        </div>
        {notice && <p role="status" className="hint">{notice}</p>}
        <label htmlFor={`${id}-name`}>Name</label>
        <input
          id={`${id}-name`} className="field" name="name" required maxLength={64}
          autoComplete="username" autoCapitalize="none" spellCheck={false} autoFocus
        />
        <label htmlFor={`${id}-password`}>Password</label>
        <input
          id={`${id}-password`} className="field" name="password" type="password" required maxLength={200}
          autoComplete="current-password"
        />
        <p role="alert" className="complaint">{complaint}</p>
        <button type="submit" className="button main" disabled={isBusy}>Log in</button>
        {canGoBack && <button type="button" className="button plain" onClick={() => client.goBack()}>Back</button>}
        {canRegister && <p className="faint">No account yet? <a href="/chat">Make one at the chat.</a></p>}
      </form>
    </main>
  );
}
