// The menu in which theme and clock are chosen.
import { useEffect, useId } from "react";
import { useObservable } from "./hooks";
import { Options } from "./Options";
import { choose, preferences, useShownTheme } from "./preferences";

const THEME_NAMES = { system: "System", light: "Light", dark: "Dark" };
const CLOCK_NAMES = { locale: "Automatic", "24h": "24 h" };

export function Appearance() {
  const { theme, clock } = useObservable(preferences);
  const shown = useShownTheme();
  const id = useId();
  useEffect(colorBrowserBars, [shown]);
  return (
    <>
      <button type="button" className="button plain icon" popoverTarget={id} aria-label="Appearance" title="Appearance">
        <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
          <circle cx="10" cy="10" r="7.25" fill="none" stroke="currentColor" strokeWidth="1.5" />
          <path d="M10 2.75a7.25 7.25 0 0 1 0 14.5z" fill="currentColor" />
        </svg>
      </button>
      <div id={id} popover="auto" className="menu-card" role="group" aria-label="Appearance">
        <Options label="Theme" isLabelShown names={THEME_NAMES} selected={theme} onSelect={(one) => choose({ theme: one })} />
        <Options label="Clock" isLabelShown names={CLOCK_NAMES} selected={clock} onSelect={(one) => choose({ clock: one })} />
      </div>
    </>
  );
}

/** Phones color the bars around the page like the page. */
function colorBrowserBars(): void {
  const { backgroundColor } = getComputedStyle(document.body);
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) meta.content = backgroundColor;
}
