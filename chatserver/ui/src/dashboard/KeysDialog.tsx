// The list of keys, which `?` shows.
import { useRef } from "react";
import { KEYS, useKeys } from "./keys";

export function KeysDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  useKeys({ "?": () => dialog.current?.showModal() });
  return (
    <dialog ref={dialog} className="call-dialog keys-dialog" aria-labelledby="keys-title">
      <header>
        <h2 id="keys-title">Keys</h2>
        <button type="button" className="button small" onClick={() => dialog.current?.close()}>Close</button>
      </header>
      <dl className="facts-list">
        {KEYS.map(([keys, what]) => [
          <dt key={what}>{keys.map((key) => <kbd key={key}>{key}</kbd>)}</dt>,
          <dd key={`${what}, what`}>{what}</dd>,
        ])}
      </dl>
    </dialog>
  );
}
