// Deletes a conversation, once it is sure that this is meant.
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
      <dialog ref={dialog} className="card question" aria-labelledby={id}>
        <h2 id={id}>Delete this conversation?</h2>
        <p>“{title}” and all that was said in it is forgotten; what works for it is stopped.</p>
        <div className="row end">
          <button type="button" className="button" onClick={() => dialog.current?.close()}>Keep it</button>
          <button type="button" className="button danger" onClick={remove}>Delete</button>
        </div>
      </dialog>
    </>
  );
}
