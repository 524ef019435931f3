// The form to log in, or to create an account where registration is enabled.
import { useId, useState } from "react";
import { CredentialFields, useCredentialsForm } from "../shared/credentials";
import { Logo } from "../shared/Logo";
import { SiteHeader } from "../shared/SiteHeader";
import type { AuthMode } from "./client";
import { useChat, useClient } from "./hooks";

const TEXTS = {
  login: { title: "Log in", switchTo: "Create an account", passwordAutoComplete: "current-password" },
  register: { title: "Create an account", switchTo: "Log in to an existing account", passwordAutoComplete: "new-password" },
} as const;

/** Whether accounts can be created; `first` when the page was loaded before there was any. */
export type Registration = "off" | "on" | "first";

export function LogIn({ registration }: { registration: Registration }) {
  const { logOutReason, drafts, outbox } = useChat();
  const client = useClient();
  const isFirst = registration === "first" && !logOutReason; // who has been logged out has an account
  const [mode, setMode] = useState<AuthMode>(isFirst ? "register" : "login");
  const { error, isBusy, onSubmit, clearError } = useCredentialsForm((name, password) => client.logIn(mode, name, password));
  const id = useId();
  const texts = TEXTS[mode];
  const hasUnsentText = outbox.length > 0 || Object.values(drafts).some(Boolean);
  const switchMode = () => {
    setMode(mode === "login" ? "register" : "login");
    clearError();
  };

  return (
    <>
      <SiteHeader current="chat" />
      <main className="login">
        <form className="card" onSubmit={onSubmit} aria-labelledby={id}>
          <div className="brand">
            <Logo size={40} />
            <div>
              <p className="faint">hookmeter chat</p>
              <h1 id={id}>{texts.title}</h1>
            </div>
          </div>
          {isFirst && mode === "register" && <p className="hint">The first account is an admin’s, who sees everything.</p>}
          {logOutReason && <p role="status" className="hint">{logOutReason} {hasUnsentText && "Your unsent text is kept."}</p>}
          <CredentialFields passwordAutoComplete={texts.passwordAutoComplete} />
          <p role="alert" className="form-error">{error}</p>
          <button type="submit" className="button main" disabled={isBusy}>{mode === "login" ? "Log in" : "Create account"}</button>
          {registration !== "off" && <button type="button" className="button plain" onClick={switchMode}>{texts.switchTo}</button>}
        </form>
      </main>
    </>
  );
}
