// How pages look in this browser. Cookies keep it: the server renders the theme, so that no page flashes in the other one.
import { useMedia, useObservable } from "./hooks";
import { Observable } from "./Observable";

export const THEMES = ["system", "light", "dark"] as const;
export const CLOCKS = ["locale", "24h"] as const;
export type Theme = (typeof THEMES)[number];
export type Clock = (typeof CLOCKS)[number];

export interface Preferences {
  theme: Theme;
  clock: Clock;
}

const PREFIX = "hookmeter_";
const ATTRIBUTES = "Path=/; Max-Age=31536000; SameSite=Lax";

export const preferences = new Observable<Preferences>({
  theme: chosen("theme", THEMES),
  clock: chosen("clock", CLOCKS),
});

/** Apply choices at once, and remember them. */
export function choose(changes: Partial<Preferences>): void {
  preferences.set({ ...preferences.value, ...changes });
  for (const [name, value] of Object.entries(changes)) document.cookie = `${PREFIX}${name}=${value}; ${ATTRIBUTES}`;
  showTheme(preferences.value.theme);
}

/** The theme that is shown, whoever chose it. */
export function useShownTheme(): "light" | "dark" {
  const { theme } = useObservable(preferences);
  const isDark = useMedia("(prefers-color-scheme: dark)");
  if (theme !== "system") return theme;
  return isDark ? "dark" : "light";
}

function showTheme(theme: Theme): void {
  const { dataset } = document.documentElement;
  if (theme === "system") delete dataset.theme;
  else dataset.theme = theme;
}

function chosen<Value extends string>(name: string, values: readonly [Value, ...Value[]]): Value {
  const pair = document.cookie.split("; ").find((one) => one.startsWith(`${PREFIX}${name}=`));
  const value = pair?.slice(PREFIX.length + name.length + 1);
  return values.find((one) => one === value) ?? values[0];
}
