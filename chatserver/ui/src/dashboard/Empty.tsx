// What to do where there is nothing yet to be seen.
export function Empty() {
  return (
    <section className="empty" aria-labelledby="empty-title">
      <h1 id="empty-title">No agent has been heard of yet</h1>
      <p>
        hookmeter listens to the hooks that Claude Code fires around every tool call. Put its recorder into Claude Code’s
        settings, and what your agents do shows here as they do it.
      </p>
      <ol>
        <li>
          <p>Record, from now on, for all your projects:</p>
          <pre tabIndex={0}>hookmeter hooks install</pre>
        </li>
        <li>
          <p>Use Claude Code as always. This page fills by itself within seconds.</p>
          <pre tabIndex={0}>claude</pre>
        </li>
        <li>
          <p>Does nothing show? Then this says what is missing, and how to mend it:</p>
          <pre tabIndex={0}>hookmeter doctor</pre>
        </li>
      </ol>
      <p>Or <a href="/chat">give an agent something to do</a> right here.</p>
    </section>
  );
}
