// Notifications of the browser about sessions that begin to wait, and the badge in the title, for those who ask for them.
import { Observable } from "../shared/Observable";
import { navigate } from "./route";
import type { WaitingNow } from "./snapshot";

const KEY = "hookmeter.notify";
const TITLES = { permission: "needs a permission", question: "has a question", idle: "has finished" };
export const BLOCKED = "The browser blocks notifications of this page; its title still counts requests.";

export const notifying = new Observable(storedChoice());

/** Turn notifications on or off; false if the browser does not show them, so that only the title changes. */
export async function setNotifying(isOn: boolean): Promise<boolean> {
  notifying.set(isOn);
  try {
    localStorage.setItem(KEY, isOn ? "on" : "off");
  } catch {
    // A browser without storage forgets the choice with the page.
  }
  if (!isOn) return true;
  return "Notification" in window && (await Notification.requestPermission()) === "granted";
}

/** The number for the title: requests and idle sessions, if the user wants to know. */
export function badge(waiting: readonly WaitingNow[]): number {
  return notifying.value ? waiting.length : 0;
}

export class WaitingNotifier {
  #known: ReadonlySet<string> | null = null;
  readonly #shown = new Map<string, Notification>();

  /** Notify of what waits since the last update; what waited when the page was opened is on the page. */
  update(waiting: readonly WaitingNow[]): void {
    const known = this.#known;
    this.#known = new Set(waiting.map(keyOf));
    this.#closeAnswered(this.#known);
    if (!known || !isAllowed()) return;
    for (const one of waiting) if (!known.has(keyOf(one))) this.#show(one);
  }

  #show(one: WaitingNow): void {
    const notification = created(one);
    if (!notification) return;
    notification.onclick = () => {
      window.focus();
      navigate({ session: one.session_uuid });
      notification.close();
    };
    this.#shown.set(keyOf(one), notification);
  }

  #closeAnswered(known: ReadonlySet<string>): void {
    for (const [key, notification] of this.#shown) {
      if (known.has(key)) continue;
      notification.close();
      this.#shown.delete(key);
    }
  }
}

/** The notification of a session; null on phones whose browsers leave notifications to service workers. */
function created({ project, title, reason, tool, text, session_uuid: session }: WaitingNow): Notification | null {
  try {
    const body = [title, [tool, text].filter(Boolean).join(": ")].filter(Boolean).join("\n");
    return new Notification(`${project || "A session"} ${TITLES[reason]}`, { body, tag: session });
  } catch {
    return null;
  }
}

function keyOf({ session_uuid, reason, since }: WaitingNow): string {
  return `${session_uuid} ${reason} ${since}`;
}

function isAllowed(): boolean {
  return notifying.value && "Notification" in window && Notification.permission === "granted";
}

function storedChoice(): boolean {
  try {
    return localStorage.getItem(KEY) === "on";
  } catch {
    return false;
  }
}
