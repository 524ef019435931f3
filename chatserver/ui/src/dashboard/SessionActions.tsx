// What can be done with a session: resume it, by a command to copy, and export it.
import { CopyButton } from "../shared/CopyButton";
import { Words } from "../shared/Words";

const FORMATS = { json: "JSON", csv: "CSV", markdown: "Markdown" };

export function Resume({ command }: { command: string }) {
  return (
    <div className="resume">
      <span className="faint">Resume in a terminal</span>
      <code tabIndex={0}><Words of={command} /></code>
      <CopyButton text={command} what="the command that resumes the session" />
    </div>
  );
}

export function Export({ sessionUuid }: { sessionUuid: string }) {
  return (
    <nav className="export" aria-label="Export">
      <span className="faint">Export, secrets redacted</span>
      {Object.entries(FORMATS).map(([format, name]) => (
        <a key={format} href={`/api/sessions/${encodeURIComponent(sessionUuid)}/export?format=${format}`} download>{name}</a>
      ))}
    </nav>
  );
}
