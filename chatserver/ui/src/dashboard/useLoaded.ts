// Figures that the server computes for a range: loaded when it is chosen, and again while the page is live.
import { useEffect, useState } from "react";
import { request } from "../shared/api";
import { client } from "./client";

const RELOAD_MS = 15_000;

/** The JSON of a path, null until it is loaded; an empty path loads nothing. */
export function useLoaded<Data>(path: string, updatedAt: number): Data | null {
  const [loaded, setLoaded] = useState<{ of: string; data: Data } | null>(null);
  const turn = Math.floor(updatedAt / RELOAD_MS);
  useEffect(() => {
    if (!path) return;
    let isCurrent = true;
    request<Data>("GET", path).then(
      (data) => isCurrent && setLoaded({ of: path, data }),
      (error: unknown) => isCurrent && client.notify(String(error)),
    );
    return () => {
      isCurrent = false;
    };
  }, [path, turn]);
  return loaded?.of === path ? loaded.data : null;
}
