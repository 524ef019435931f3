// Deletes a conversation after a confirmation.
import { useId, useRef } from "react";
import { useClient } from "./hooks";

export function DeleteButton({ chat, title }: { chat: string; title: string }) {
  const client = useClient();
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const remove = () => {
    dialog.current?.close();
    void client.deleteChat(chat);
  };
  return (
    <>
      <button type="button" className="button plain small" onClick={() => dialog.current?.showModal()}>
        Delete<span className="visually-hidden"> this conversation</span>
      </button>
      <dialog ref={dialog} className="card confirmation" aria-labelledby={id}>
        <h2 id={id}>Delete this conversation?</h2>
        <p>This deletes “{title}” with all its messages, and stops its running tasks.</p>
        <div className="row end">
          <button type="button" className="button" onClick={() => dialog.current?.close()}>Cancel</button>
          <button type="button" className="button danger" onClick={remove}>Delete</button>
        </div>
      </dialog>
    </>
  );
}
