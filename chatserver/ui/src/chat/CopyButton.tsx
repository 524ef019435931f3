// Puts a text into the clipboard, and says so for a moment.
import { useState } from "react";

const SHOWN_MS = 2000;

export function CopyButton({ text, what }: { text: string; what: string }) {
  const [said, setSaid] = useState("");
  const copy = async () => {
    setSaid(await copied(text));
    setTimeout(() => setSaid(""), SHOWN_MS);
  };
  return (
    <>
      <button type="button" className="button plain small" onClick={() => void copy()}>
        {said || "Copy"}
        <span className="visually-hidden"> {what}</span>
      </button>
      <span className="visually-hidden" role="status">{said}</span>
    </>
  );
}

async function copied(text: string): Promise<string> {
  try {
    await navigator.clipboard.writeText(text);
    return "Copied";
  } catch {
    return "Not allowed";
  }
}
