// A code block with its language and a copy button.
import { use, Suspense, type ReactNode } from "react";
import { ErrorBoundary } from "../shared/ErrorBoundary";
import { CopyButton } from "../shared/CopyButton";

interface Highlighter {
  highlighted(code: string, language: string): ReactNode;
}

const PLAIN: Highlighter = { highlighted: (code) => code };
let highlighter: Promise<Highlighter> | undefined;

export function CodeBlock({ code, language }: { code: string; language: string }) {
  const label = language ? `Code in ${language}` : "Code";
  return (
    <div className="code">
      <div className="code-head">
        <span>{language || "text"}</span>
        <CopyButton text={code} what="code" />
      </div>
      <pre tabIndex={0} role="group" aria-label={label}>
        <code>
          <ErrorBoundary fallback={code} of={code}>
            <Suspense fallback={code}>{language ? <Highlighted code={code} language={language} /> : code}</Suspense>
          </ErrorBoundary>
        </code>
      </pre>
    </div>
  );
}

function Highlighted({ code, language }: { code: string; language: string }): ReactNode {
  highlighter ??= import("./highlight").catch(() => PLAIN); // it is gone after an update of the server
  return use(highlighter).highlighted(code, language.toLowerCase());
}
