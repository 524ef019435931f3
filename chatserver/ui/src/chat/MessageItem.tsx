// One message of a conversation, with its actions.
import { memo } from "react";
import { duration, integer } from "../shared/format";
import { ErrorBoundary } from "../shared/ErrorBoundary";
import { Time } from "../shared/Time";
import { CopyButton } from "../shared/CopyButton";
import { listedCommands } from "./completions";
import { useClient } from "./hooks";
import { Markdown } from "./Markdown";
import type { Message, Role, Task } from "./protocol";
import { Steps } from "./Steps";
import { costOf, isOpen, runTime } from "./tasks";

export const ROLE_NAMES: Record<Role, string> = {
  user: "You",
  assistant: "Claude",
  command: "hookmeter",
  error: "Error",
  note: "hookmeter",
};

interface Props {
  message: Message;
  task: Task | undefined;
  /** The message to send again on Retry; null where there is none. */
  retryText: string | null;
}

export const MessageItem = memo(function MessageItem({ message, task, retryText }: Props) {
  const client = useClient();
  const { role, message: text, created_at } = message;
  return (
    <li className={`message ${role}`}>
      <div className="byline">
        <h2>{ROLE_NAMES[role]}</h2>
        <Time at={created_at} />
        {role !== "user" && task && !isOpen(task) && <Usage task={task} />}
        {role === "assistant" && task?.status === "completed" && task.denied_calls > 0 && <span className="denied">completed, with denials</span>}
      </div>
      <Text role={role} text={text} />
      {role === "assistant" && task?.status === "completed" && task.error && <p className="denial">{task.error}</p>}
      {role !== "user" && task && !isOpen(task) && <Steps task={task} />}
      <div className="actions">
        {text && <CopyButton text={text} what="message" />}
        {retryText !== null && (
          <button type="button" className="button plain small" onClick={() => client.send(retryText)}>
            Retry<span className="visually-hidden">: send this message again</span>
          </button>
        )}
      </div>
    </li>
  );
});

/** An answer as Markdown, or as plain text where it cannot be rendered. */
export function Answer({ text }: { text: string }) {
  return (
    <ErrorBoundary fallback={<p className="plain-text">{text}</p>} of={text}>
      <Markdown text={text} />
    </ErrorBoundary>
  );
}

function Text({ role, text }: { role: Role; text: string }) {
  if (role === "assistant") return text ? <Answer text={text} /> : <p className="faint">Completed without a reply.</p>;
  if (role === "command") return <Reply text={text} />;
  return <p className="plain-text">{text}</p>;
}

/** The reply to a command: its lines as they are, or the list of commands with room for each on a phone. */
function Reply({ text }: { text: string }) {
  const commands = listedCommands(text);
  if (!commands.length) return <pre className="reply" tabIndex={0} role="group" aria-label="Reply">{text}</pre>;
  return (
    <dl className="reply listed">
      {commands.map(({ command, summary }) => (
        <div key={command}>
          <dt>{command}</dt>
          <dd>{summary}</dd>
        </div>
      ))}
    </dl>
  );
}

function Usage({ task }: { task: Task }) {
  const time = runTime(task, Date.now());
  return (
    <span className="facts">
      {time !== null && <span>{duration(time)}</span>}
      {task.cost_usd !== 0 && <span>{costOf(task)}</span>}
      {task.tokens > 0 && <span>{integer(task.tokens)} tokens</span>}
    </span>
  );
}
