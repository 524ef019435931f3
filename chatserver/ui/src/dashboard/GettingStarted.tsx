// Setup steps, shown until there is any activity.
import { CopyButton } from "../shared/CopyButton";
import { Words } from "../shared/Words";
import { useSetup } from "./setup";

export function GettingStarted() {
  const setup = useSetup();
  return (
    <section className="getting-started" aria-labelledby="getting-started-title">
      <h1 id="getting-started-title">No agent activity yet</h1>
      <p>
        hookmeter reads the transcripts that Claude Code writes by itself: sessions, calls and costs appear here live,
        without any setup.
      </p>
      <ol>
        <li>
          <p>Use Claude Code as usual. This page updates within seconds.</p>
          <Command text="claude" />
        </li>
        <li>
          <p>Still nothing here? Find out what is missing and how to fix it:</p>
          <Command text={setup?.doctor ?? "hookmeter doctor"} />
        </li>
        {!setup?.hooks_installed && (
          <li>
            <p>
              Optional: install hooks, which add exact times and durations, waits for permission, and what runs right now, in
              all your projects:
            </p>
            <Command text={setup?.install ?? "hookmeter hooks install"} />
          </li>
        )}
      </ol>
      <p>Or <a href="/chat">start a task in the chat</a>.</p>
    </section>
  );
}

function Command({ text }: { text: string }) {
  return (
    <div className="command">
      <pre tabIndex={0}><Words of={text} /></pre>
      <CopyButton text={text} what={`the command ${text.split(" ", 3).join(" ")}`} />
    </div>
  );
}
