// Username and password: the form's fields, and its state while it is submitted.
import { useId, useState, type FormEvent } from "react";
import { ApiError } from "./api";

export interface CredentialsForm {
  error: string;
  isBusy: boolean;
  onSubmit: (event: FormEvent<HTMLFormElement>) => void;
  clearError: () => void;
}

/** State of a form that logs in; it stays busy after success, as the page that replaces it is about to show. */
export function useCredentialsForm(submit: (name: string, password: string) => Promise<void>): CredentialsForm {
  const [error, setError] = useState("");
  const [isBusy, setBusy] = useState(false);
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setError("");
    submit(String(form.get("name")), String(form.get("password"))).catch((reason: unknown) => {
      if (!(reason instanceof ApiError)) throw reason;
      setError(reason.message);
      setBusy(false);
    });
  };
  return { error, isBusy, onSubmit, clearError: () => setError("") };
}

export function CredentialFields({ passwordAutoComplete }: { passwordAutoComplete: "current-password" | "new-password" }) {
  const id = useId();
  return (
    <>
      <label htmlFor={`${id}-name`}>Username</label>
      <input
        id={`${id}-name`} className="field" name="name" required maxLength={64}
        autoComplete="username" autoCapitalize="none" spellCheck={false} autoFocus
      />
      <label htmlFor={`${id}-password`}>Password</label>
      <input
        id={`${id}-password`} className="field" name="password" type="password" required maxLength={200}
        autoComplete={passwordAutoComplete}
      />
    </>
  );
}
