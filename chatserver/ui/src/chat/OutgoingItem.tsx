// What is on its way to the server, or was refused by it.
import { useClient } from "./hooks";
import { SPEAKERS } from "./MessageItem";
import type { Outgoing } from "./state";

export function OutgoingItem({ outgoing }: { outgoing: Outgoing }) {
  const client = useClient();
  const { clientId, text, refused } = outgoing;
  return (
    <li className="message user">
      <div className="byline">
        <h2>{SPEAKERS.user}</h2>
        <span>{refused === null ? "on its way" : "not sent"}</span>
      </div>
      <p className="plain-text">{text}</p>
      {refused !== null && (
        <div className="refused">
          <p role="alert">{refused}</p>
          <div className="row">
            <button type="button" className="button small" onClick={() => client.sayAgain(clientId)}>Send again</button>
            <button type="button" className="button plain small" onClick={() => client.withdraw(clientId)}>
              Discard
            </button>
          </div>
        </div>
      )}
    </li>
  );
}
