// The message box. Enter sends where there is a keyboard; a slash starts a command, with completion.
import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { useMedia } from "../shared/hooks";
import { commandOf, completionsOf, textOf } from "./completions";
import { useChat, useClient } from "./hooks";
import type { Command } from "./protocol";
import { TaskChoices } from "./TaskChoices";

const MAX_CHARACTERS = 100_000;

export function Composer() {
  const { commands, drafts, open } = useChat();
  const client = useClient();
  const isTouch = useMedia("(pointer: coarse)");
  const box = useRef<HTMLTextAreaElement>(null);
  const text = drafts[open] ?? "";
  const [index, setIndex] = useState(0);
  const [dismissedText, setDismissedText] = useState<string | null>(null);
  const completions = dismissedText === text ? [] : completionsOf(text, commands);
  const hasCompletions = completions.length > 0;
  const selectedIndex = Math.min(index, completions.length - 1);
  const selected = completions[selectedIndex];
  const selectedId = selected && `command-${commands.indexOf(selected)}`;
  const current = commandOf(text, commands);
  useEffect(() => {
    if (!isTouch) box.current?.focus();
  }, [open, isTouch]);

  const setText = (newText: string) => {
    client.setDraft(newText);
    setIndex(0);
    setDismissedText(null);
  };
  const complete = (command: Command) => {
    setText(textOf(command));
    setDismissedText(textOf(command));
    box.current?.focus();
  };
  const send = () => {
    if (text.trim()) client.send(text);
  };
  const move = (by: number): boolean => {
    if (hasCompletions) setIndex((selectedIndex + by + completions.length) % completions.length);
    return hasCompletions;
  };
  const completeSelected = (): boolean => {
    if (!selected || textOf(selected) === text) return false;
    complete(selected);
    return true;
  };
  // Each returns whether it has handled the key.
  const keys: Record<string, (event: KeyboardEvent) => boolean> = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Escape: () => hasCompletions && (setDismissedText(text), box.current?.focus(), true),
    Tab: (event) => !event.shiftKey && completeSelected(),
    Enter: (event) => !event.shiftKey && !isTouch && (completeSelected() || (send(), true)),
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!event.nativeEvent.isComposing && keys[event.key]?.(event)) event.preventDefault();
  };

  return (
    <form className="composer" onSubmit={(event) => { event.preventDefault(); send(); }}>
      {hasCompletions && (
        <ul
          id="commands" role="listbox" aria-label="Commands" className="card completions" tabIndex={0}
          aria-activedescendant={selectedId} onKeyDown={onKeyDown}
        >
          {completions.map((command) => (
            <li
              key={command.command} id={`command-${commands.indexOf(command)}`} role="option"
              aria-selected={command === selected} ref={command === selected ? scrollIntoView : null}
              onMouseDown={(event) => event.preventDefault()} onClick={() => complete(command)}
            >
              <code>{command.command}</code>
              <span className="faint">{command.summary}</span>
            </li>
          ))}
        </ul>
      )}
      <p className="usage faint" role="status">
        {hasCompletions && <span className="visually-hidden">{completions.length} commands. Use the arrow keys to choose one.</span>}
        {current && <><code>{current.command}</code> {current.summary}</>}
      </p>
      <div className="row end">
        <label htmlFor="message" className="visually-hidden">Message</label>
        <textarea
          id="message" ref={box} className="field" rows={1} maxLength={MAX_CHARACTERS} value={text}
          placeholder="Message or /command" enterKeyHint={isTouch ? "enter" : "send"}
          aria-autocomplete="list" aria-controls={hasCompletions ? "commands" : undefined} aria-haspopup="listbox"
          aria-activedescendant={selectedId} onChange={(event) => setText(event.target.value)} onKeyDown={onKeyDown}
        />
        <button type="submit" className="button main" disabled={!text.trim()}>Send</button>
      </div>
      <TaskChoices />
    </form>
  );
}

function scrollIntoView(item: HTMLElement | null): void {
  item?.scrollIntoView({ block: "nearest" });
}
