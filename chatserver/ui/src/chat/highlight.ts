// Syntax highlighting, loaded with the first code block.
import bash from "highlight.js/lib/languages/bash";
import css from "highlight.js/lib/languages/css";
import diff from "highlight.js/lib/languages/diff";
import go from "highlight.js/lib/languages/go";
import ini from "highlight.js/lib/languages/ini";
import java from "highlight.js/lib/languages/java";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import python from "highlight.js/lib/languages/python";
import rust from "highlight.js/lib/languages/rust";
import sql from "highlight.js/lib/languages/sql";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";
import type { ElementContent, RootContent } from "hast";
import { createLowlight } from "lowlight";
import { createElement, type ReactNode } from "react";

const LANGUAGES = {
  bash, css, diff, go, ini, java, javascript, json, python, rust, sql, typescript, xml, yaml,
};
const MAX_CHARACTERS = 20_000; // some languages take time with the square of it
const MAX_DEPTH = 100;

const lowlight = createLowlight(LANGUAGES);

/** The code as highlighted elements, or unchanged where it cannot be highlighted: an unknown language, or too much of it. */
export function highlighted(code: string, language: string): ReactNode {
  if (!lowlight.registered(language) || code.length > MAX_CHARACTERS) return code;
  try {
    return lowlight.highlight(language, code).children.map((node, key) => elementOf(node, key, 0));
  } catch {
    return code;
  }
}

function elementOf(node: RootContent | ElementContent, key: number, depth: number): ReactNode {
  if (depth > MAX_DEPTH) throw new RangeError("The code is nested too deeply.");
  if (node.type === "text") return node.value;
  if (node.type !== "element") return null;
  const classes = node.properties.className;
  const className = Array.isArray(classes) ? classes.join(" ") : "";
  return createElement("span", { key, className }, ...node.children.map((child, at) => elementOf(child, at, depth + 1)));
}
