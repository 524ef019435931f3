// Colors for canvases, which do not read style sheets: what an element with the same style computes to.
import { colorOf } from "../shared/colors";

export interface Palette {
  /** The value of a design token. */
  token(name: string): string;
  /** The color of a thing by its name. */
  named(name: string): string;
}

export function paletteIn(frame: HTMLElement): Palette {
  const backgroundOf = (prepare: (probe: HTMLElement) => void): string => {
    const probe = document.createElement("i");
    prepare(probe);
    frame.append(probe);
    const { backgroundColor } = getComputedStyle(probe);
    probe.remove();
    return backgroundColor;
  };
  return {
    token: (name) => backgroundOf((probe) => probe.style.setProperty("background", `var(--${name})`)),
    named: (name) => backgroundOf((probe) => {
      const { hue, shade } = colorOf(name);
      probe.className = name ? `named shade-${shade}` : "named";
      probe.style.setProperty("--hue", String(hue));
    }),
  };
}
