// Where one writes. Enter sends where there is a keyboard; a slash begins a command, which is completed.
import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { completed, completionsOf, writtenCommand } from "./completions";
import { useChat, useClient } from "./hooks";
import { useMedia } from "../shared/hooks";
import type { Command } from "./wire";

const MOST_CHARACTERS = 100_000;

export function Composer() {
  const { commands, drafts, open } = useChat();
  const client = useClient();
  const isTouched = useMedia("(pointer: coarse)");
  const box = useRef<HTMLTextAreaElement>(null);
  const text = drafts[open] ?? "";
  const [at, setAt] = useState(0);
  const [closedAt, setClosedAt] = useState<string | null>(null);
  const choices = closedAt === text ? [] : completionsOf(text, commands);
  const chosen = choices[Math.min(at, choices.length - 1)];
  const written = writtenCommand(text, commands);
  useEffect(() => {
    if (!isTouched) box.current?.focus();
  }, [open, isTouched]);

  const write = (now: string) => {
    client.draft(now);
    setAt(0);
    setClosedAt(null);
  };
  const choose = (command: Command) => {
    write(completed(command));
    setClosedAt(completed(command));
    box.current?.focus();
  };
  const send = () => {
    if (text.trim()) client.say(text);
  };
  const deeds: Record<string, (event: KeyboardEvent) => boolean> = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Escape: () => choices.length > 0 && (setClosedAt(text), box.current?.focus(), true),
    Tab: (event) => !event.shiftKey && take(),
    Enter: (event) => !event.shiftKey && !isTouched && (take() || (send(), true)),
  };
  const move = (by: number): boolean => {
    if (choices.length > 0) setAt((Math.min(at, choices.length - 1) + by + choices.length) % choices.length);
    return choices.length > 0;
  };
  const take = (): boolean => {
    if (!chosen || completed(chosen) === text) return false;
    choose(chosen);
    return true;
  };
  const onKey = (event: KeyboardEvent) => {
    if (!event.nativeEvent.isComposing && deeds[event.key]?.(event)) event.preventDefault();
  };

  return (
    <form className="composer" onSubmit={(event) => { event.preventDefault(); send(); }}>
      {choices.length > 0 && (
        <ul
          id="commands" role="listbox" aria-label="Commands" className="card completions" tabIndex={0}
          aria-activedescendant={chosen && `command-${commands.indexOf(chosen)}`} onKeyDown={onKey}
        >
          {choices.map((command) => (
            <li
              key={command.command} id={`command-${commands.indexOf(command)}`} role="option"
              aria-selected={command === chosen} ref={command === chosen ? show : null}
              onMouseDown={(event) => event.preventDefault()} onClick={() => choose(command)}
            >
              <code>{command.command}</code>
              <span className="faint">{command.summary}</span>
            </li>
          ))}
        </ul>
      )}
      <p className="usage faint" role="status">
        {choices.length > 0 && (
          <span className="visually-hidden">{choices.length} commands; choose with the arrow keys.</span>
        )}
        {written && <><code>{written.command}</code> {written.summary}</>}
      </p>
      <div className="row end">
        <label htmlFor="message" className="visually-hidden">Message</label>
        <textarea
          id="message" ref={box} className="field" rows={1} maxLength={MOST_CHARACTERS} value={text}
          placeholder="Message, or /command" enterKeyHint={isTouched ? "enter" : "send"}
          aria-autocomplete="list" aria-controls={choices.length > 0 ? "commands" : undefined} aria-haspopup="listbox"
          aria-activedescendant={chosen && `command-${commands.indexOf(chosen)}`}
          onChange={(event) => write(event.target.value)} onKeyDown={onKey}
        />
        <button type="submit" className="button main" disabled={!text.trim()}>Send</button>
      </div>
    </form>
  );
}

function show(item: HTMLElement | null): void {
  item?.scrollIntoView({ block: "nearest" });
}
