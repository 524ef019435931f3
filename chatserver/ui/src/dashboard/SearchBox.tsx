// The search field of the header. On the page of results, they follow what is typed.
import { useEffect, useRef, useState, type FormEvent } from "react";
import { useRoute } from "./hooks";
import { navigate, replaceRoute } from "./route";

const TYPING_MS = 250;
const MAX_LENGTH = 480;

export function SearchBox() {
  const { search } = useRoute();
  const [text, setText] = useState(search?.text ?? "");
  const timer = useRef(0);
  useEffect(() => setText(search?.text ?? ""), [search?.text]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const type = (typed: string) => {
    setText(typed);
    clearTimeout(timer.current);
    if (search) timer.current = window.setTimeout(() => replaceRoute({ search: { ...search, text: typed } }), TYPING_MS);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    clearTimeout(timer.current);
    if (search) replaceRoute({ search: { ...search, text } });
    else navigate({ search: { text, kind: "", since: "" } });
  };
  return (
    <search>
      <form className="search-box" onSubmit={submit}>
        <svg viewBox="0 0 16 16" aria-hidden="true"><circle cx="6.75" cy="6.75" r="4.5" /><path d="m10 10 4 4" /></svg>
        <input
          type="search" className="field" aria-label="Search prompts, commands, paths, errors and answers" placeholder="Search sessions"
          maxLength={MAX_LENGTH} value={text} onInput={(event) => type(event.currentTarget.value)}
        />
      </form>
    </search>
  );
}
