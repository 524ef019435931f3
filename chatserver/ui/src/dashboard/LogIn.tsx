// The login form: to read, where the server requires it, or to stop and restart tasks.
import { useId } from "react";
import { CredentialFields, useCredentialsForm } from "../shared/credentials";
import { Logo } from "../shared/Logo";
import { SiteHeader } from "../shared/SiteHeader";
import { client } from "./client";
import { useDashboard } from "./hooks";

export function LogIn({ canRegister, canGoBack }: { canRegister: boolean; canGoBack: boolean }) {
  const { notice } = useDashboard();
  const { error, isBusy, onSubmit } = useCredentialsForm((name, password) => client.logIn(name, password));
  const id = useId();
  return (
    <>
      <SiteHeader />
      <main className="login">
        <form className="panel" onSubmit={onSubmit} aria-labelledby={id}>
          <div className="brand">
            <Logo size={36} />
            <h1 id={id}>Log in to hookmeter</h1>
          </div>
          {notice && <p role="status" className="hint">{notice}</p>}
          <CredentialFields passwordAutoComplete="current-password" />
          <p role="alert" className="form-error">{error}</p>
          <button type="submit" className="button main" disabled={isBusy}>Log in</button>
          {canGoBack && <button type="button" className="button plain" onClick={() => client.closeLogIn()}>Back</button>}
          {canRegister && <p className="faint">No account? <a href="/chat">Create one in the chat.</a></p>}
        </form>
      </main>
    </>
  );
}
