// Running work and what ended recently: current tool, duration, cost, and a button to stop or restart a task.
import { useMemo, useState } from "react";
import { duration, exactTime, percent } from "../shared/format";
import { useMedia, useNow } from "../shared/hooks";
import { ContextUse } from "./ContextUse";
import { Cost } from "./Cost";
import { callDuration, counted, DASH } from "./format";
import { useDashboard } from "./hooks";
import { RouteLink } from "./RouteLink";
import { Rows } from "./Rows";
import type { Snapshot } from "./snapshot";
import { TaskButton } from "./TaskButton";
import { workItems, type WorkItem } from "./workItems";

const FILTERS = { all: "All", running: "Running", pending: "Pending", ended: "Ended" };
const START = <a href="/chat">Start a task in the chat.</a>;
const COUNTED = new Set(["running", "pending"]); // of those that have ended, only the latest are here
type Filter = keyof typeof FILTERS;

export function RunningWork({ running }: { running: Snapshot["running"] }) {
  const [filter, setFilter] = useState<Filter>("all");
  const isNarrow = useMedia("(max-width: 56rem)");
  const now = useNow(true);
  const all = useMemo(() => workItems(running), [running]);
  const rows = all.filter((item) => filter === "all" || filterOf(item) === filter);
  return (
    <section className="panel work" aria-labelledby="work-title">
      <header>
        <h2 id="work-title">Running work</h2>
        <fieldset className="options">
          <legend className="visually-hidden">Filter by state</legend>
          {Object.entries(FILTERS).map(([name, text]) => (
            <label key={name}>
              <input type="radio" name="work" checked={name === filter} onChange={() => setFilter(name as Filter)} />
              <span>{text} {COUNTED.has(name) && all.filter((item) => filterOf(item) === name).length}</span>
            </label>
          ))}
        </fieldset>
      </header>
      {rows.length === 0 ? <Placeholder filter={filter} /> : (
        <Rows rows={rows} height={isNarrow ? 96 : 46} keyOf={({ key }) => key} role="list" label="Running work">
          {(item) => <Line item={item} now={now} />}
        </Rows>
      )}
    </section>
  );
}

function Placeholder({ filter }: { filter: Filter }) {
  if (filter === "pending") return <p className="placeholder">No pending tasks. {START}</p>;
  if (filter === "ended") return <p className="placeholder">No tasks have ended recently. {START}</p>;
  return <p className="placeholder">No agents are running. {START}</p>;
}

function Line({ item, now }: { item: WorkItem; now: number }) {
  const { user } = useDashboard();
  return (
    <article className={`work-item ${item.state}`}>
      <span className="state"><span className="dot" aria-hidden="true" />{item.state}</span>
      <p className="what">
        <RouteLink to={item.kind === "task" ? { task: item.id } : { session: item.id }} title={item.title}>{item.title}</RouteLink>
        <span className="faint" title={item.detail}>
          {item.detail}{item.context && <> · <ContextUse context={item.context} /></>}
        </span>
      </p>
      <span className="agent" title={`Agent: ${item.agent}`}>{item.agent}</span>
      <CurrentTool item={item} now={now} />
      <span className="number time" title={item.since ? `Since ${exactTime(item.since)}` : undefined}>{elapsed(item, now)}</span>
      <span className="number cost" title="Cost so far">{item.state === "pending" ? DASH : <Cost usd={item.cost} known={item.known} unpriced={item.unpriced} unknown="unknown" />}</span>
      <span className="action">{user && item.kind === "task" && <TaskButton taskId={item.id} state={item.state} title={item.title} />}</span>
    </article>
  );
}

function CurrentTool({ item, now }: { item: WorkItem; now: number }) {
  const [tool, ...others] = item.tools.toReversed();
  const isThinking = !tool && item.subagents.length === 0 && (item.state === "active" || item.state === "running");
  return (
    <span className="tool" title={tool && (tool.since ? `${tool.tool} since ${exactTime(tool.since)}` : tool.tool)}>
      {isThinking && <span className="faint">thinking</span>}
      {tool && <b>{tool.tool}</b>}
      {tool?.since && <span className="number faint">{callDuration(Math.max(0, now - Date.parse(tool.since)))}</span>}
      {others.length > 0 && <span className="faint">+{others.length} more</span>}
      <Others names={item.subagents.map(({ agent }) => agent)} text={counted(item.subagents.length, "sub-agent")} />
      <Others names={item.background.map(({ tool }) => tool)} text={`${item.background.length} in background`} />
      {item.progress !== null && <progress value={item.progress} aria-label="Progress" title={percent(item.progress)} />}
    </span>
  );
}

/** The number of what runs besides the current tool, with its names on demand. */
function Others({ names, text }: { names: string[]; text: string }) {
  return names.length > 0 && <span className="faint" title={names.join(", ")}>{text}</span>;
}

function elapsed({ since, until }: WorkItem, now: number): string {
  if (!since) return DASH;
  return duration(until ? Date.parse(until) - Date.parse(since) : Math.max(1000, now - Date.parse(since)));
}

function filterOf({ state }: WorkItem): Filter {
  if (state === "running" || state === "active") return "running";
  return state === "pending" ? "pending" : "ended";
}
