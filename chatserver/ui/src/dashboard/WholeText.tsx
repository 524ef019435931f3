// The text of an event: its start at once, and the whole as soon as it is loaded.
import { useEffect, useState } from "react";
import { request } from "../shared/api";
import { failed, NOT_FAILED } from "../shared/failed";
import { Failure } from "../shared/Failure";
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
  const [failure, setFailure] = useState(NOT_FAILED);
  const [attempt, setAttempt] = useState(0);
  const hasMore = WITH_MORE.includes(event.kind);
  useEffect(() => {
    if (!hasMore) return;
    let isCurrent = true;
    setFailure(NOT_FAILED);
    const path = `/api/sessions/${encodeURIComponent(session)}/events/${encodeURIComponent(event.id)}/text`;
    request<Whole>("GET", path).then(
      (loaded) => isCurrent && setWhole(loaded),
      (error: unknown) => isCurrent && setFailure(failed(error, () => setAttempt(attempt + 1))),
    );
    return () => {
      isCurrent = false;
    };
  }, [session, event.id, hasMore, attempt]);
  return (
    <>
      <h3>Text <span className="faint">secrets redacted{extentOf(whole)}</span></h3>
      {failure.error && <Failure error={`The rest cannot be loaded. ${failure.error}`} retry={failure.retry} />}
      <pre tabIndex={0}>{whole?.text ?? event.text}</pre>
    </>
  );
}

function extentOf(whole: Whole | null): string {
  return whole && !whole.complete ? `, the start of ${integer(whole.characters)} characters` : "";
}
