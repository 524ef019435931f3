// Figures that the server computes for a range: loaded when it is chosen, and again while the page is live.
import { useEffect, useState } from "react";
import { messageOf, request } from "../shared/api";
import { client } from "./client";

const RELOAD_MS = 15_000;

/** The JSON of a path; null until it is loaded, and why it cannot be. */
export interface Loaded<Data> {
  data: Data | null;
  error: string;
  retry: () => void;
}

const notify = (error: string) => client.notify(error);

/** The JSON of a path; an empty path loads nothing. What is loaded stays while a later load fails, which `onError` reports. */
export function useLoaded<Data>(path: string, updatedAt: number, onError = notify): Loaded<Data> {
  const [loaded, setLoaded] = useState<{ of: string; data: Data } | null>(null);
  const [failed, setFailed] = useState({ of: "", error: "" });
  const [attempt, setAttempt] = useState(0);
  const turn = Math.floor(updatedAt / RELOAD_MS);
  useEffect(() => {
    if (!path) return;
    let isCurrent = true;
    const show = (data: Data) => {
      setLoaded({ of: path, data });
      setFailed({ of: "", error: "" });
    };
    const fail = (error: unknown) => {
      setFailed({ of: path, error: messageOf(error) });
      onError(messageOf(error));
    };
    request<Data>("GET", path).then((data) => isCurrent && show(data), (error: unknown) => isCurrent && fail(error));
    return () => {
      isCurrent = false;
    };
  }, [path, turn, attempt]);
  return {
    data: loaded?.of === path ? loaded.data : null,
    error: failed.of === path ? failed.error : "",
    retry: () => setAttempt(attempt + 1),
  };
}
