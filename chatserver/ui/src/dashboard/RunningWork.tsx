// What goes on now, and what ended lately: which tool runs, for how long, what it has cost, and how to end it.
import { useMemo, useState } from "react";
import { useMedia, useNow } from "../shared/hooks";
import { exactly } from "../shared/format";
import { money, percent, took } from "./figures";
import { useDashboard } from "./hooks";
import { Link } from "./Link";
import { Rows } from "./Rows";
import type { Snapshot } from "./snapshot";
import { TaskButton } from "./TaskButton";
import { workOf, type Work } from "./work";

const FILTERS = { all: "All", running: "Running", waiting: "Waiting", ended: "Ended" };
type Filter = keyof typeof FILTERS;

export function RunningWork({ running }: { running: Snapshot["running"] }) {
  const [filter, setFilter] = useState<Filter>("all");
  const isNarrow = useMedia("(max-width: 56rem)");
  const now = useNow(true);
  const all = useMemo(() => workOf(running), [running]);
  const rows = all.filter((work) => filter === "all" || groupOf(work) === filter);
  return (
    <section className="panel work" aria-labelledby="work-title">
      <header>
        <h2 id="work-title">Running work</h2>
        <fieldset className="ranges">
          <legend className="visually-hidden">Which work</legend>
          {Object.entries(FILTERS).map(([name, words]) => (
            <label key={name}>
              <input type="radio" name="work" checked={name === filter} onChange={() => setFilter(name as Filter)} />
              <span>{words} {name !== "all" && all.filter((work) => groupOf(work) === name).length}</span>
            </label>
          ))}
        </fieldset>
      </header>
      {rows.length === 0 ? <p className="nothing">No agent works at the moment. <a href="/chat">Give one something to do.</a></p> : (
        <Rows rows={rows} height={isNarrow ? 96 : 46} keyOf={({ key }) => key} role="list" label="Running work">
          {(work) => <Line work={work} now={now} />}
        </Rows>
      )}
    </section>
  );
}

function Line({ work, now }: { work: Work; now: number }) {
  const { user } = useDashboard();
  return (
    <article className={`job ${work.state}`}>
      <span className="state"><span className="lamp" aria-hidden="true" />{work.state}</span>
      <p className="what">
        <Link to={work.kind === "task" ? { task: work.id } : { session: work.id }} title={work.title}>{work.title}</Link>
        <span className="faint" title={work.detail}>{work.detail}</span>
      </p>
      <span className="agent" title={`Agent: ${work.agent}`}>{work.agent}</span>
      <Tool work={work} now={now} />
      <span className="number time" title={work.since ? `Since ${exactly(work.since)}` : undefined}>{lasted(work, now)}</span>
      <span className="number cost" title="Cost so far">{money(work.cost)}</span>
      <span className="deed">{user && work.kind === "task" && <TaskButton taskId={work.id} state={work.state} title={work.title} />}</span>
    </article>
  );
}

function Tool({ work, now }: { work: Work; now: number }) {
  const [tool, ...others] = work.tools.toReversed();
  if (!tool) {
    const isAtWork = work.state === "active" || work.state === "running";
    return (
      <span className="tool">
        {isAtWork && <span className="faint">thinks</span>}
        {work.progress !== null && <Progress share={work.progress} />}
      </span>
    );
  }
  return (
    <span className="tool" title={tool.since ? `${tool.tool} since ${exactly(tool.since)}` : tool.tool}>
      <b>{tool.tool}</b>
      {tool.since && <span className="number faint">{took(Math.max(0, now - Date.parse(tool.since)))}</span>}
      {others.length > 0 && <span className="faint">and {others.length} more</span>}
      {work.progress !== null && <Progress share={work.progress} />}
    </span>
  );
}

function Progress({ share }: { share: number }) {
  return <progress value={share} aria-label="Progress" title={percent(share)} />;
}

function lasted(work: Work, now: number): string {
  if (!work.since) return "–";
  return took(Math.max(1000, Math.floor(((work.until ? Date.parse(work.until) : now) - Date.parse(work.since)) / 1000) * 1000));
}

function groupOf({ state }: Work): Filter {
  if (state === "running" || state === "active") return "running";
  return state === "pending" ? "waiting" : "ended";
}
