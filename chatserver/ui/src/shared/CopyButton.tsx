// Copies a text to the clipboard and briefly confirms it.
import { useState } from "react";

const SHOWN_MS = 2000;

export function CopyButton({ text, what }: { text: string; what: string }) {
  const [status, setStatus] = useState("");
  const onClick = async () => {
    setStatus(await copy(text));
    setTimeout(() => setStatus(""), SHOWN_MS);
  };
  return (
    <>
      <button type="button" className="button plain small" onClick={() => void onClick()}>
        {status || "Copy"}
        <span className="visually-hidden"> {what}</span>
      </button>
      <span className="visually-hidden" role="status">{status}</span>
    </>
  );
}

async function copy(text: string): Promise<string> {
  try {
    await navigator.clipboard.writeText(text);
    return "Copied";
  } catch {
    return "Copy failed";
  }
}
