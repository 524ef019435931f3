// What waits for a person: permissions and questions, then sessions whose turn has ended, with how long they wait.
import { useState } from "react";
import { duration, exactTime } from "../shared/format";
import { useNow, useObservable } from "../shared/hooks";
import { client } from "./client";
import { counted } from "./format";
import { RouteLink } from "./RouteLink";
import type { WaitingNow } from "./snapshot";
import { BLOCKED, setNotifying, notifying } from "./waitingNotifier";
import "./waiting.css";

const MAX_SHOWN = 6;
const REASON_NAMES = { permission: "Permission", question: "Question", idle: "Next prompt" };

export function Waiting({ waiting }: { waiting: WaitingNow[] }) {
  const [isAll, setAll] = useState(false);
  const now = useNow(waiting.length > 0);
  const requests = waiting.filter(({ reason }) => reason !== "idle").length;
  const shown = isAll ? waiting : waiting.slice(0, Math.max(requests, MAX_SHOWN));
  return (
    <section className={`panel waiting ${requests ? "urgent" : ""}`} aria-labelledby="waiting-title">
      <header>
        <h2 id="waiting-title">Waiting for you</h2>
        <span className="faint" role="status">{summary(requests, waiting.length - requests)}</span>
        <NotifyToggle />
      </header>
      {shown.length > 0 && (
        <ul>
          {shown.map((one) => <Row key={one.session_uuid} one={one} now={now} />)}
        </ul>
      )}
      {waiting.length > shown.length && (
        <button type="button" className="button plain small" onClick={() => setAll(true)}>Show all {waiting.length}</button>
      )}
    </section>
  );
}

function summary(requests: number, idle: number): string {
  if (!requests && !idle) return "No session is waiting for you.";
  const parts = [requests && counted(requests, "request"), idle && counted(idle, "idle session")];
  return parts.filter(Boolean).join(", ");
}

function Row({ one, now }: { one: WaitingNow; now: number }) {
  const { reason, title, project, tool, agent, text, since, session_uuid: session } = one;
  const isQuestion = reason === "question" && text !== "";
  return (
    <li className={reason}>
      <RouteLink to={{ session }} className="waiting-row" title={`Session ${session}`}>
        <span className="reason">{REASON_NAMES[reason]}</span>
        <span className="who">
          <b title={title}>{title || session.slice(0, 8)}</b>
          <span className="project faint">{project || "unknown project"}</span>
        </span>
        <span className="asked">
          {tool && !isQuestion && <span className="faint">{agent && agent !== "main" ? `${tool} of ${agent}` : tool}</span>}
          {reason === "idle" && <span className="faint">Its turn has ended.</span>}
          {text && (isQuestion ? <q title={text}>{text}</q> : <code title={text}>{text}</code>)}
        </span>
        <span className="number" title={`Since ${exactTime(since)}`}>{duration(Math.max(1000, now - Date.parse(since)))}</span>
      </RouteLink>
    </li>
  );
}

function NotifyToggle() {
  const isOn = useObservable(notifying);
  const toggle = async () => {
    if (!(await setNotifying(!isOn))) client.notify(BLOCKED);
  };
  return (
    <label className="notify" title="Notify in this browser, and count requests in the title of the page">
      <input type="checkbox" role="switch" checked={isOn} onChange={() => void toggle()} />
      Notify me
    </label>
  );
}
