// A message about the last action, shown for a few seconds.
import { useEffect } from "react";
import { client } from "./client";
import { useDashboard } from "./hooks";

const SHOWN_MS = 8000;

export function Notice() {
  const { notice } = useDashboard();
  useEffect(() => {
    if (!notice) return;
    const timer = setTimeout(() => client.notify(""), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [notice]);
  return <p role="status" className={notice ? "notice" : "visually-hidden"}>{notice}</p>;
}
