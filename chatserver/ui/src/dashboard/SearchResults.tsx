// The page of search results: filters, results with their matches, and help where there are none.
import { useEffect, useState } from "react";
import { failed, NOT_FAILED, type FailedRequest } from "../shared/failed";
import { Failure } from "../shared/Failure";
import { integer } from "../shared/format";
import { Time } from "../shared/Time";
import { groupBy } from "./groupBy";
import { useDashboard } from "./hooks";
import { replaceRoute } from "./route";
import { RouteLink } from "./RouteLink";
import { findPage, KINDS, SPANS, type Search, type SearchPage, type SearchResult } from "./search";
import { SearchHelp } from "./SearchHelp";

const BUILDING_MS = 3000; // after which results of an index that is being built are loaded again
const KIND_NAMES = { "": "All", prompt: "Prompts", command: "Commands", path: "Paths", error: "Errors", answer: "Answers" };
const SPAN_NAMES = { "": "Any time", "24h": "24 hours", "7d": "7 days", "30d": "30 days", "90d": "90 days" };

export function SearchResults({ search }: { search: Search }) {
  const { page, failure, isLoading, loadMore } = useResults(search);
  const { user } = useDashboard();
  return (
    <section className="panel results" aria-labelledby="results-title" aria-busy={isLoading}>
      <header>
        <h1 id="results-title">Search</h1>
        <span className="faint" role="status">{page ? countText(page) : isLoading ? "Searching…" : ""}</span>
        <Filters search={search} />
      </header>
      {user?.role === "user" && <p className="hint">You find what was said in the sessions of your tasks.</p>}
      {page && !page.complete && (
        <p className="hint" role="status">The index is still being built; older sessions may be missing.</p>
      )}
      {page && page.results.length > 0 && (
        <ol>
          {[...groupBy(page.results, ({ session_uuid: id }) => id)].map(([id, own]) => <SessionHits key={id} results={own} search={search} />)}
        </ol>
      )}
      {page?.results.length === 0 && <p className="placeholder">Nothing found. All words must occur in one text.</p>}
      <Failure className="placeholder" {...failure} />
      {!page?.results.length && !isLoading && <SearchHelp />}
      {!failure.error && page?.next_cursor != null && (
        <button type="button" className="button small" disabled={isLoading} onClick={loadMore}>More results</button>
      )}
    </section>
  );
}

function Filters({ search }: { search: Search }) {
  return (
    <div className="filters">
      <fieldset className="options">
        <legend className="visually-hidden">Kind of text</legend>
        {(["", ...KINDS] as const).map((kind) => (
          <label key={kind}>
            <input type="radio" name="kind" checked={search.kind === kind} onChange={() => replaceRoute({ search: { ...search, kind } })} />
            <span>{KIND_NAMES[kind]}</span>
          </label>
        ))}
      </fieldset>
      <label>
        <span className="visually-hidden">Time</span>
        <select
          className="field" value={search.since}
          onChange={(event) => replaceRoute({ search: { ...search, since: event.currentTarget.value as Search["since"] } })}
        >
          {(["", ...SPANS] as const).map((span) => <option key={span} value={span}>{SPAN_NAMES[span]}</option>)}
        </select>
      </label>
    </div>
  );
}

/** What was found in one session. */
function SessionHits({ results, search }: { results: readonly SearchResult[]; search: Search }) {
  const [first] = results;
  if (!first) return null;
  const { session_uuid: session, project, title } = first;
  const isOnly = search.text.includes(`session:${session.slice(0, 8)}`);
  return (
    <li className="session-hits">
      <h2>
        <RouteLink to={{ session }}>{title || `Session ${session.slice(0, 8)}`}</RouteLink>
        <span className="faint">{project || "unknown project"}</span>
        {title && <span className="id faint">{session.slice(0, 8)}</span>}
        {!isOnly && (
          <RouteLink to={{ search: { ...search, text: `${search.text} session:${session.slice(0, 8)}` } }} className="faint only">
            only this session
          </RouteLink>
        )}
      </h2>
      <ol>{results.map((result, index) => <li key={index}><Result result={result} /></li>)}</ol>
    </li>
  );
}

function Result({ result }: { result: SearchResult }) {
  const { session_uuid: session, at, kind, tool, agent, excerpt } = result;
  return (
    <RouteLink to={{ session, at }} className={`result ${kind}`}>
      <span className="kind">
        {kind}{tool && <b> {tool}</b>}
        {agent !== "main" && <span className="faint"> by {agent}</span>}
      </span>
      <span className="excerpt">{excerpt.map(({ text, match }, index) => (match ? <mark key={index}>{text}</mark> : text))}</span>
      <span className="number faint"><Time at={at} /></span>
    </RouteLink>
  );
}

interface Found {
  page: SearchPage | null;
  failure: FailedRequest;
  isLoading: boolean;
}

/** The results of a search; the previous ones stay until those of a changed search are there. */
function useResults(search: Search): Found & { loadMore: () => void } {
  const { text, kind, since } = search;
  const isEmpty = !text.trim() && !kind;
  const [found, setFound] = useState<Found>({ page: null, failure: NOT_FAILED, isLoading: !isEmpty });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (isEmpty) {
      setFound({ page: null, failure: NOT_FAILED, isLoading: false });
      return;
    }
    let isCurrent = true;
    setFound(({ page }) => ({ page, failure: NOT_FAILED, isLoading: true }));
    const retry = () => setAttempt(attempt + 1);
    findPage({ text, kind, since }, 0).then(
      (page) => isCurrent && setFound({ page, failure: NOT_FAILED, isLoading: false }),
      (error: unknown) => isCurrent && setFound({ page: null, failure: failed(error, retry), isLoading: false }),
    );
    return () => { isCurrent = false; };
  }, [text, kind, since, isEmpty, attempt]);
  useEffect(() => {
    if (!found.page || found.page.complete) return;
    const timer = setTimeout(() => void findPage({ text, kind, since }, 0).then(
      (page) => setFound((now) => (now.page === found.page ? { ...now, page } : now)),
      () => undefined, // the next change of the search reports it
    ), BUILDING_MS);
    return () => clearTimeout(timer);
  }, [found.page, text, kind, since]);
  const loadMore = () => {
    const { page } = found;
    if (page?.next_cursor == null) return;
    setFound({ page, failure: NOT_FAILED, isLoading: true });
    const add = (next: SearchPage) => setFound((now) => (
      now.page === page ? { page: { ...next, results: [...page.results, ...next.results] }, failure: NOT_FAILED, isLoading: false } : now
    ));
    const fail = (error: unknown) => setFound((now) => (
      now.page === page ? { page, failure: failed(error, loadMore), isLoading: false } : now
    ));
    findPage(search, page.next_cursor).then(add, fail);
  };
  return { ...found, loadMore };
}

function countText({ total, total_is_minimum: isMinimum }: SearchPage): string {
  return `${integer(total)}${isMinimum ? "+" : ""} ${total === 1 ? "result" : "results"}`;
}
