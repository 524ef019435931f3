// The head of what a line of the overview opens to.
import type { ReactNode } from "react";
import { Link } from "./Link";

interface Props {
  kind: "Session" | "Task";
  title: string;
  id: string;
  state?: string;
  complaint: string;
  deed?: ReactNode;
  children?: ReactNode;
}

export function DetailHead({ kind, title, id, state = "", complaint, deed, children }: Props) {
  return (
    <section className="panel detail" aria-labelledby="detail-title">
      <p><Link to={{}}>← Overview</Link></p>
      <div className="row">
        <h1 id="detail-title">
          <span className="faint">{kind}</span> {title}
        </h1>
        {state && <span className={`status ${state}`}><span className="lamp" aria-hidden="true" />{state}</span>}
        {deed}
      </div>
      <p className="id faint">{id}</p>
      {complaint && <p role="alert" className="complaint">{complaint}</p>}
      {children ? <dl className="facts-row">{children}</dl> : !complaint && <p role="status" className="faint">Reading…</p>}
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
