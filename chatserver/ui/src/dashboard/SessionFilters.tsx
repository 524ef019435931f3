// What selects sessions: a search, and filters by what they have.
import { useEffect, useRef, useState, type RefObject } from "react";
import { messageOf, request } from "../shared/api";
import { client } from "./client";
import { DEFAULT_QUERY, hasFilters, type ListQuery } from "./sessionQuery";

const WAIT_MS = 200;
const STATUSES = ["active", "idle", "completed"];

interface Names {
  projects: string[];
  models: string[];
  agents: string[];
}

interface Props {
  query: ListQuery;
  range: Record<string, string>;
  change: (changes: Partial<ListQuery>) => void;
  search: RefObject<HTMLInputElement | null>;
}

export function SessionFilters({ query, range, change, search }: Props) {
  const names = useNames(new URLSearchParams(range).toString());
  const { sort, isDescending } = query;
  return (
    <div className="filters" role="search" aria-label="Sessions">
      <Search text={query.text} change={change} input={search} />
      <Choice name="Project" all="all projects" options={names.projects} value={query.project} onChange={(project) => change({ project })} />
      <Choice name="Model" all="all models" options={names.models} value={query.model} onChange={(model) => change({ model })} />
      <Choice name="Agent" all="all agents" options={names.agents} value={query.agent} onChange={(agent) => change({ agent })} />
      <Choice name="Status" all="all statuses" options={STATUSES} value={query.status} onChange={(status) => change({ status })} />
      <label className="min-cost">
        <span aria-hidden="true">cost ≥ $</span>
        <span className="visually-hidden">Minimum cost in US dollars</span>
        <input
          type="number" className="field" min="0" step="any" inputMode="decimal" placeholder="0" value={query.minCost}
          onChange={({ currentTarget: { value } }) => change({ minCost: Number(value) > 0 ? value : "" })}
        />
      </label>
      <label className="check">
        <input type="checkbox" checked={query.failed} onChange={({ currentTarget: { checked } }) => change({ failed: checked })} />
        with failed calls
      </label>
      {hasFilters(query) && (
        <button type="button" className="button plain small" onClick={() => change({ ...DEFAULT_QUERY, sort, isDescending })}>
          Clear filters
        </button>
      )}
    </div>
  );
}

function Search({ text, change, input }: { text: string; change: Props["change"]; input: Props["search"] }) {
  const [written, setWritten] = useState(text);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => setWritten(text), [text]);
  const write = (value: string) => {
    setWritten(value);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => change({ text: value.trim() }), WAIT_MS);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <label className="search">
      <span className="visually-hidden">Search titles, projects and session IDs</span>
      <input
        ref={input} type="search" className="field" placeholder="Title, project or ID" title="Press / to search" value={written}
        onInput={({ currentTarget: { value } }) => write(value)}
        onKeyDown={({ key, currentTarget }) => key === "Escape" && currentTarget.blur()}
      />
    </label>
  );
}

interface ChoiceProps {
  name: string;
  all: string;
  options: readonly string[];
  value: string;
  onChange: (value: string) => void;
}

function Choice({ name, all, options, value, onChange }: ChoiceProps) {
  const known = value && !options.includes(value) ? [value, ...options] : options;
  return (
    <label>
      <span className="visually-hidden">{name}</span>
      <select className={`field ${value ? "chosen" : ""}`} value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        <option value="">{all}</option>
        {known.map((option) => <option key={option} value={option}>{option}</option>)}
      </select>
    </label>
  );
}

/** The names of the range’s sessions. */
function useNames(range: string): Names {
  const [names, setNames] = useState<Names>({ projects: [], models: [], agents: [] });
  useEffect(() => {
    let isCurrent = true;
    request<Names>("GET", `/api/session_names?${range}`).then(
      (found) => isCurrent && setNames(found),
      (error: unknown) => isCurrent && client.notify(messageOf(error)),
    );
    return () => {
      isCurrent = false;
    };
  }, [range]);
  return names;
}
