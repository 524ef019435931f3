// The top of a session's or a task's page: title, state, ID, and facts.
import type { ReactNode } from "react";
import type { FailedRequest } from "../shared/failed";
import { Failure } from "../shared/Failure";
import { RouteLink } from "./RouteLink";

interface Props {
  kind: "Session" | "Task";
  title: string;
  id: string;
  state?: string;
  /** What there is to say about the state. */
  note?: string;
  failed: FailedRequest;
  action?: ReactNode;
  children?: ReactNode;
}

export function DetailHeader({ kind, title, id, state = "", note = "", failed, action, children }: Props) {
  return (
    <section className="panel detail" aria-labelledby="detail-title">
      <p><RouteLink to={{}}>← Overview</RouteLink></p>
      <div className="row">
        <h1 id="detail-title">
          <span className="faint">{kind}</span> {title}
        </h1>
        {state && <span className={`status ${state} ${note && "noted"}`}><span className="dot" aria-hidden="true" />{note ? `${state}, ${note}` : state}</span>}
        {action}
      </div>
      <p className="id faint">{id}</p>
      <Failure {...failed} />
      {children ? <dl className="facts-row">{children}</dl> : !failed.error && <p role="status" className="faint">Loading…</p>}
    </section>
  );
}

export function Fact({ name, children, tone = "" }: { name: string; children: ReactNode; tone?: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className={tone}>{children}</dd>
    </div>
  );
}
