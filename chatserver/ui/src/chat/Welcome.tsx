// The introduction that an empty conversation shows.
import { Logo } from "../shared/Logo";
import { useChat } from "./hooks";

export function Welcome() {
  const { commands } = useChat();
  return (
    <section className="thread welcome" aria-label="Conversation" tabIndex={0}>
      <Logo size={56} />
      <h2>What should Claude work on?</h2>
      <p className="faint">
        Each message starts a Claude Code task in one of this server’s workspaces. Type / for commands.
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
