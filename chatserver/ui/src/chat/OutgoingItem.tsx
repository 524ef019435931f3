// A message that is being sent, or that the server rejected.
import { useClient } from "./hooks";
import { ROLE_NAMES } from "./MessageItem";
import type { Outgoing } from "./state";

export function OutgoingItem({ outgoing }: { outgoing: Outgoing }) {
  const client = useClient();
  const { clientId, text, error } = outgoing;
  return (
    <li className="message user">
      <div className="byline">
        <h2>{ROLE_NAMES.user}</h2>
        <span>{error === null ? "Sending…" : "Not sent"}</span>
      </div>
      <p className="plain-text">{text}</p>
      {error !== null && (
        <div className="rejected">
          <p role="alert">{error}</p>
          <div className="row">
            <button type="button" className="button small" onClick={() => client.retry(clientId)}>Retry</button>
            <button type="button" className="button plain small" onClick={() => client.discard(clientId)}>Discard</button>
          </div>
        </div>
      )}
    </li>
  );
}
