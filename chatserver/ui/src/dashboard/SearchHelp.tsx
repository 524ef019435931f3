// What can be written into the search field, with examples to try.
import { useRoute } from "./hooks";
import { RouteLink } from "./RouteLink";

const EXAMPLES: [string, string][] = [
  ["git push", "texts with both words"],
  ['"permission denied"', "the phrase"],
  ["depl*", "words that start with this"],
  ["kind:error timeout", "only errors; also prompt, command, path and answer"],
  ["tool:Bash make", "only calls of a tool"],
  ["project:shop checkout", "only projects whose name contains this"],
];

export function SearchHelp() {
  const { search } = useRoute();
  return (
    <>
      <p className="search-intro">Find prompts, commands, file paths, errors and answers of sessions. Try:</p>
      <dl className="search-help">
        {EXAMPLES.map(([text, meaning]) => (
          <div key={text}>
            <dt><RouteLink to={{ search: { text, kind: "", since: search?.since ?? "" } }}><code>{text}</code></RouteLink></dt>
            <dd className="faint">{meaning}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
