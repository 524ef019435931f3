// The text of an event: its start at once, and the whole as soon as it is loaded.
import { useEffect, useState } from "react";
import { request } from "../shared/api";
import { integer } from "../shared/format";
import type { SessionEvent } from "./snapshot";

interface Whole {
  text: string;
  characters: number;
  complete: boolean;
}

const WITH_MORE: readonly SessionEvent["kind"][] = ["prompt", "answer"];

export function WholeText({ event, session }: { event: SessionEvent; session: string }) {
  const [whole, setWhole] = useState<Whole | null>(null);
  const [error, setError] = useState("");
  const hasMore = WITH_MORE.includes(event.kind);
  useEffect(() => {
    if (!hasMore) return;
    let isCurrent = true;
    const path = `/api/sessions/${encodeURIComponent(session)}/events/${encodeURIComponent(event.id)}/text`;
    request<Whole>("GET", path).then(
      (loaded) => isCurrent && setWhole(loaded),
      (reason: unknown) => isCurrent && setError(`The rest cannot be loaded. ${reason instanceof Error ? reason.message : String(reason)}`),
    );
    return () => {
      isCurrent = false;
    };
  }, [session, event.id, hasMore]);
  return (
    <>
      <h3>Text <span className="faint">secrets redacted{extentOf(whole)}</span></h3>
      {error && <p className="form-error" role="alert">{error}</p>}
      <pre tabIndex={0}>{whole?.text ?? event.text}</pre>
    </>
  );
}

function extentOf(whole: Whole | null): string {
  return whole && !whole.complete ? `, the start of ${integer(whole.characters)} characters` : "";
}
