// One message of a conversation, and what can be done with it.
import { memo } from "react";
import { dollars, duration } from "../shared/format";
import { CopyButton } from "./CopyButton";
import { useClient } from "./hooks";
import { Markdown } from "./Markdown";
import { Time } from "../shared/Time";
import { isOpen, runTime } from "./tasks";
import type { Message, Role, Task } from "./wire";

export const SPEAKERS: Record<Role, string> = {
  user: "You",
  assistant: "Claude",
  command: "hookmeter",
  error: "Problem",
};

interface Props {
  message: Message;
  task: Task | undefined;
  asked: string | null;
}

export const MessageItem = memo(function MessageItem({ message, task, asked }: Props) {
  const client = useClient();
  const { role, message: text, created_at } = message;
  return (
    <li className={`message ${role}`}>
      <div className="byline">
        <h2>{SPEAKERS[role]}</h2>
        <Time at={created_at} />
        {role !== "user" && task && !isOpen(task) && <Spent task={task} />}
      </div>
      <Text role={role} text={text} />
      <div className="deeds">
        {text && <CopyButton text={text} what={`of ${SPEAKERS[role]}`} />}
        {asked !== null && (
          <button type="button" className="button plain small" onClick={() => client.say(asked)}>
            Retry<span className="visually-hidden">: send this again</span>
          </button>
        )}
      </div>
    </li>
  );
});

function Text({ role, text }: { role: Role; text: string }) {
  if (role === "assistant") return text ? <Markdown text={text} /> : <p className="faint">Done, without a word.</p>;
  if (role === "command") return <pre className="reply" tabIndex={0} role="group" aria-label="Reply">{text}</pre>;
  return <p className="plain-text">{text}</p>;
}

function Spent({ task }: { task: Task }) {
  const time = runTime(task, Date.now());
  return (
    <span className="facts">
      {time !== null && <span>{duration(time)}</span>}
      {task.cost_usd > 0 && <span>{dollars(task.cost_usd)}</span>}
      {task.tokens > 0 && <span>{task.tokens.toLocaleString("en-US")} tokens</span>}
    </span>
  );
}
