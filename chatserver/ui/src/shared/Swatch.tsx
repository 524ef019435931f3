// A square in the color of a thing; things without a name, such as the sum of all others, are gray.
import { colorOf } from "./colors";

export function Swatch({ name }: { name: string }) {
  if (!name) return <i className="named swatch" aria-hidden="true" />;
  const { hue, shade } = colorOf(name);
  return <i className={`named swatch shade-${shade}`} style={{ "--hue": hue } as object} aria-hidden="true" />;
}
