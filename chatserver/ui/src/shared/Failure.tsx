// Why something cannot be loaded, in its place, and a button to try again where that may help.
import type { FailedRequest } from "./failed";
import "./failure.css";

export function Failure({ error, retry, className = "" }: FailedRequest & { className?: string }) {
  if (!error) return null;
  return (
    <div className={`failure ${className}`} role="alert">
      <p>{error}</p>
      {retry && <button type="button" className="button small" onClick={retry}>Try again</button>}
    </div>
  );
}
