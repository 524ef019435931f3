// The color of a thing by its name: the same in every chart, list and page, on every load. The names that most people see have
// hues far apart; all others get theirs from a hash. colors.css turns hue and shade into a color that contrasts in both themes.

export interface NamedColor {
  hue: number;
  shade: number;
}

export const HUES = 360;
export const SHADES = 3;
const FAMILY_SPREAD = 56;
const SEED = 802_155; // with it, the models of today, and the projects of the demo, have colors far apart

/** The hue around which the versions of a model family lie. */
const FAMILIES: readonly [RegExp, number][] = [
  [/opus/, 62],
  [/sonnet/, 255],
  [/haiku/, 165],
  [/fable/, 325],
];

const TOOLS: Readonly<Record<string, NamedColor>> = {
  Bash: { hue: 255, shade: 0 },
  Read: { hue: 165, shade: 1 },
  Edit: { hue: 45, shade: 1 },
  Grep: { hue: 300, shade: 1 },
  Write: { hue: 20, shade: 0 },
  Glob: { hue: 210, shade: 2 },
  Agent: { hue: 340, shade: 1 },
  Task: { hue: 340, shade: 2 },
  WebFetch: { hue: 95, shade: 0 },
  WebSearch: { hue: 110, shade: 2 },
  TodoWrite: { hue: 275, shade: 2 },
  NotebookEdit: { hue: 70, shade: 2 },
};

export function colorOf(name: string): NamedColor {
  const known = Object.hasOwn(TOOLS, name) ? TOOLS[name] : undefined;
  if (known) return known;
  const hash = hashOf(name);
  const shade = (hash >>> 16) % SHADES;
  const family = FAMILIES.find(([pattern]) => pattern.test(name));
  if (!family) return { hue: hash % HUES, shade };
  return { hue: (family[1] + (hash % (FAMILY_SPREAD + 1)) - FAMILY_SPREAD / 2 + HUES) % HUES, shade };
}

/** FNV-1a from another start, mixed once more, as names often differ in their last letter only. */
function hashOf(name: string): number {
  let hash = SEED;
  for (let index = 0; index < name.length; index++) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
