// What shows where nothing was said yet.
import { useChat } from "./hooks";
import { Mark } from "../shared/Mark";

export function Welcome() {
  const { commands } = useChat();
  return (
    <section className="thread welcome" aria-label="Conversation" tabIndex={0}>
      <Mark size={56} />
      <h2>What shall an agent do?</h2>
      <p className="faint">
        Every message becomes a task that Claude Code carries out in this server’s workspace. A word with a slash is a
        command.
      </p>
      {commands.length > 0 && (
        <dl className="commands">
          {commands.map(({ command, summary }) => (
            <div key={command}>
              <dt><code>{command}</code></dt>
              <dd>{summary}</dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}
