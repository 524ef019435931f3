// Requests to the server. The token is an HttpOnly cookie; a write also needs the CSRF token as a header.

const CSRF_COOKIE = "hookmeter_csrf";
const CSRF_HEADER = "X-CSRF-Token";

/** A failed request, with the server's explanation as its message; status 0 means that the server did not respond. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export type Method = "GET" | "POST" | "DELETE";

/** Send a request and parse the response. Throws ApiError. */
export async function request<Result>(method: Method, path: string, body?: unknown): Promise<Result> {
  const headers = new Headers({ Accept: "application/json" });
  if (body !== undefined) headers.set("Content-Type", "application/json");
  if (method !== "GET") headers.set(CSRF_HEADER, cookie(CSRF_COOKIE));
  const response = await send(path, { method, headers, body: body === undefined ? null : JSON.stringify(body) });
  if (!response.ok) throw new ApiError(response.status, await detailOf(response));
  return (response.status === 204 ? undefined : await response.json()) as Result;
}

async function send(path: string, options: RequestInit): Promise<Response> {
  try {
    return await fetch(path, options);
  } catch {
    throw new ApiError(0, "Cannot reach the server. Try again in a moment.");
  }
}

async function detailOf(response: Response): Promise<string> {
  try {
    return ((await response.json()) as { detail: string }).detail;
  } catch {
    return `The server responded with status ${response.status}.`;
  }
}

/** What to say about anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether the browser holds the CSRF cookie, which is set together with the token. */
export function hasToken(): boolean {
  return cookie(CSRF_COOKIE) !== "";
}

function cookie(name: string): string {
  const found = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
  return found?.slice(name.length + 1) ?? "";
}
