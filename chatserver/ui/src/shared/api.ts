// Asking the server over HTTP. The token is an HttpOnly cookie; a write carries the header that goes with it.

const CSRF_COOKIE = "hookmeter_csrf";
const CSRF_HEADER = "X-CSRF-Token";

/** What the server refused, in its own sentence; status 0 where it could not be asked. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    sentence: string,
  ) {
    super(sentence);
  }
}

export type Method = "GET" | "POST" | "DELETE";

/** The answer to a request. Throws Problem. */
export async function ask<Answer>(method: Method, path: string, body?: unknown): Promise<Answer> {
  const headers = new Headers({ Accept: "application/json" });
  if (body !== undefined) headers.set("Content-Type", "application/json");
  if (method !== "GET") headers.set(CSRF_HEADER, cookie(CSRF_COOKIE));
  const response = await reach(path, { method, headers, body: body === undefined ? null : JSON.stringify(body) });
  if (!response.ok) throw new Problem(response.status, await sentenceOf(response));
  return (response.status === 204 ? undefined : await response.json()) as Answer;
}

async function reach(path: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(path, request);
  } catch {
    throw new Problem(0, "The server cannot be reached; try again in a moment.");
  }
}

async function sentenceOf(response: Response): Promise<string> {
  try {
    return ((await response.json()) as { detail: string }).detail;
  } catch {
    return `The server answered with the status ${response.status}.`;
  }
}

/** Whether the browser still has what comes with a token. */
export function isKnown(): boolean {
  return cookie(CSRF_COOKIE) !== "";
}

function cookie(name: string): string {
  const found = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
  return found?.slice(name.length + 1) ?? "";
}
