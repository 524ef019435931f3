// A code block with its language and a copy button.
import { use, Suspense, type ReactNode } from "react";
import { CopyButton } from "./CopyButton";

let highlighter: Promise<typeof import("./highlight")> | undefined;

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
          <Suspense fallback={code}>{language ? <Highlighted code={code} language={language} /> : code}</Suspense>
        </code>
      </pre>
    </div>
  );
}

function Highlighted({ code, language }: { code: string; language: string }): ReactNode {
  highlighter ??= import("./highlight");
  return use(highlighter).highlighted(code, language.toLowerCase());
}
