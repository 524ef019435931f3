// Setup steps, shown until there is any activity.
export function GettingStarted() {
  return (
    <section className="getting-started" aria-labelledby="getting-started-title">
      <h1 id="getting-started-title">No agent activity yet</h1>
      <p>
        hookmeter records the hooks that Claude Code fires around every tool call. Install the recorder in Claude Code’s
        settings, and your agents’ activity appears here live.
      </p>
      <ol>
        <li>
          <p>Start recording in all your projects:</p>
          <pre tabIndex={0}>hookmeter hooks install</pre>
        </li>
        <li>
          <p>Use Claude Code as usual. This page updates within seconds.</p>
          <pre tabIndex={0}>claude</pre>
        </li>
        <li>
          <p>Still nothing here? Find out what is missing and how to fix it:</p>
          <pre tabIndex={0}>hookmeter doctor</pre>
        </li>
      </ol>
      <p>Or <a href="/chat">start a task in the chat</a>.</p>
    </section>
  );
}
