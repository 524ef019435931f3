// The user's name, which opens a dialog: change the password, log out everywhere.
import { useId, useState, type FormEvent } from "react";
import { ApiError, request } from "./api";
import type { User } from "./types";
import { whoSees } from "./whoSees";
import "./account.css";

interface Props {
  user: User;
  /** The password was changed, and the browser has a new token: connections with the old one end. */
  onNewToken: () => void;
  onLoggedOutEverywhere: () => void;
}

export function AccountButton(props: Props) {
  const { name, role } = props.user;
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button
        type="button" className="button plain small" aria-haspopup="dialog" title={`${role}: your account`}
        onClick={() => setOpen(true)}
      >
        <span>{name}</span>
      </button>
      {isOpen && <AccountDialog {...props} onClose={() => setOpen(false)} />}
    </>
  );
}

function AccountDialog({ user, onNewToken, onLoggedOutEverywhere, onClose }: Props & { onClose: () => void }) {
  const id = useId();
  return (
    <dialog
      ref={showModal} className="account-dialog card" aria-labelledby={id} onClose={onClose}
      onClick={(event) => event.target === event.currentTarget && onClose()}
    >
      <div>
        <div className="title">
          <h2 id={id}>{user.name} <span className="faint">{user.role}</span></h2>
          <button type="button" className="button small" onClick={onClose}>Close</button>
        </div>
        <p className="faint">{whoSees(user)}</p>
        <PasswordForm name={user.name} onNewToken={onNewToken} />
        <LogOutEverywhere onDone={onLoggedOutEverywhere} />
      </div>
    </dialog>
  );
}

function showModal(dialog: HTMLDialogElement | null): void {
  if (dialog && !dialog.open) dialog.showModal();
}

function PasswordForm({ name, onNewToken }: { name: string; onNewToken: () => void }) {
  const { error, isBusy, attempt } = useAttempt();
  const [isChanged, setChanged] = useState(false);
  const id = useId();
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const { old, chosen } = Object.fromEntries(new FormData(form));
    setChanged(false);
    void attempt(async () => {
      await request("POST", "/api/auth/password", { old_password: old, new_password: chosen });
      form.reset();
      setChanged(true);
      onNewToken();
    });
  };
  return (
    <form onSubmit={onSubmit}>
      <h3>Change your password</h3>
      <input type="hidden" name="username" autoComplete="username" value={name} />
      <label htmlFor={`${id}-old`}>Old password</label>
      <input id={`${id}-old`} className="field" name="old" type="password" required maxLength={200} autoComplete="current-password" />
      <label htmlFor={`${id}-new`}>New password</label>
      <input id={`${id}-new`} className="field" name="chosen" type="password" required maxLength={200} autoComplete="new-password" />
      <p role="alert" className="form-error">{error}</p>
      <p role="status" className="hint">{isChanged && "Your password is changed; your other sessions are logged out."}</p>
      <button type="submit" className="button main" disabled={isBusy}>Change password</button>
    </form>
  );
}

function LogOutEverywhere({ onDone }: { onDone: () => void }) {
  const { error, isBusy, attempt } = useAttempt();
  const logOut = () => void attempt(async () => {
    await request("DELETE", "/api/auth/sessions");
    onDone();
  });
  return (
    <section>
      <h3>End all your sessions</h3>
      <p className="faint">In this browser and in all others; tasks continue to run.</p>
      <p role="alert" className="form-error">{error}</p>
      <button type="button" className="button danger" disabled={isBusy} onClick={logOut}>Log out everywhere</button>
    </section>
  );
}

/** A request that may fail: one at a time, with the server's explanation. */
function useAttempt() {
  const [error, setError] = useState("");
  const [isBusy, setBusy] = useState(false);
  const attempt = async (action: () => Promise<void>) => {
    setBusy(true);
    setError("");
    try {
      await action();
    } catch (reason) {
      if (!(reason instanceof ApiError)) throw reason;
      setError(reason.message);
    } finally {
      setBusy(false);
    }
  };
  return { error, isBusy, attempt };
}
