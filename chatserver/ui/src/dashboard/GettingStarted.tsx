// Setup steps, shown until there is any activity.
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
          <pre tabIndex={0}>claude</pre>
        </li>
        <li>
          <p>Still nothing here? Find out what is missing and how to fix it:</p>
          <pre tabIndex={0}>{setup?.doctor ?? "hookmeter doctor"}</pre>
        </li>
        {!setup?.hooks_installed && (
          <li>
            <p>
              Optional: install hooks, which add exact times and durations, waits for permission, and what runs right now, in
              all your projects:
            </p>
            <pre tabIndex={0}>{setup?.install ?? "hookmeter hooks install"}</pre>
          </li>
        )}
      </ol>
      <p>Or <a href="/chat">start a task in the chat</a>.</p>
    </section>
  );
}
