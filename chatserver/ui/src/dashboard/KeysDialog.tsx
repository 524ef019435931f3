// The list of keys, which `?` shows.
import { useEffect, useRef, useState } from "react";
import { KEYS, useKeys } from "./keys";

export function KeysDialog() {
  const [isOpen, setOpen] = useState(false);
  useKeys({ "?": () => setOpen(true) });
  return isOpen ? <OpenDialog onClose={() => setOpen(false)} /> : null;
}

function OpenDialog({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className="call-dialog keys-dialog" aria-labelledby="keys-title" onClose={onClose}>
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
