// What a model writes, as elements of a known kind: nothing of it is ever taken for HTML.
import { createElement, memo, type ReactNode } from "react";
import type { Token } from "markdown-it";
import { CodeBlock } from "./CodeBlock";
import { tokensOf } from "./tokens";

const ELEMENTS = new Set([
  "p", "em", "strong", "s", "blockquote", "ul", "ol", "li", "thead", "tbody", "tr", "th", "td", "table", "a",
]);
const HIGHEST = 3; // above the headings of a text stand the page's and the message's

interface Frame {
  opening: Token | null;
  children: ReactNode[];
}

/** A text in Markdown. */
export const Markdown = memo(function Markdown({ text }: { text: string }) {
  return <div className="prose">{elementsOf(tokensOf(text))}</div>;
});

function elementsOf(tokens: Token[]): ReactNode[] {
  let frame: Frame = { opening: null, children: [] };
  const above: Frame[] = [];
  let level = HIGHEST - 1;
  tokens.forEach((token, key) => {
    if (token.hidden) return;
    if (token.nesting === 1) {
      above.push(frame);
      frame = { opening: token, children: [] };
    } else if (token.nesting === -1) {
      const { opening, children } = frame;
      frame = above.pop() ?? { opening: null, children: [] };
      if (opening?.type === "heading_open") level = Math.min(levelOf(opening), level + 1);
      if (opening) frame.children.push(element(opening, key, level, children));
    } else {
      frame.children.push(leaf(token, key));
    }
  });
  return frame.children;
}

/** Headings go down by one level at a time, whatever the text leaves out. */
function levelOf(opening: Token): number {
  return Math.min(6, Number(opening.tag.slice(1)) + HIGHEST - 1);
}

function element(opening: Token, key: number, level: number, children: ReactNode[]): ReactNode {
  if (opening.type === "heading_open") return createElement(`h${level}`, { key }, ...children);
  if (!ELEMENTS.has(opening.tag)) return children;
  const made = createElement(opening.tag, { key, ...propertiesOf(opening) }, ...children);
  if (opening.tag !== "table") return made;
  return <div key={key} className="wide" role="group" aria-label="Table" tabIndex={0}>{made}</div>;
}

function propertiesOf(opening: Token): Record<string, unknown> {
  if (opening.tag === "a") return { href: opening.attrGet("href"), target: "_blank", rel: "noopener noreferrer" };
  if (opening.tag === "ol" && opening.attrGet("start")) return { start: Number(opening.attrGet("start")) };
  const side = /text-align:(\w+)/.exec(String(opening.attrGet("style") ?? ""))?.[1];
  return side ? { className: `to-${side}` } : {};
}

function leaf(token: Token, key: number): ReactNode {
  switch (token.type) {
    case "fence":
    case "code_block":
      return <CodeBlock key={key} code={token.content.replace(/\n$/, "")} language={languageOf(token)} />;
    case "code_inline":
      return <code key={key}>{token.content}</code>;
    case "softbreak":
      return "\n";
    case "hardbreak":
      return <br key={key} />;
    case "hr":
      return <hr key={key} />;
    case "image":
      return <Picture key={key} address={String(token.attrGet("src") ?? "")} name={token.content} />;
    default:
      return token.content;
  }
}

function languageOf(fence: Token): string {
  return fence.info.trim().split(/\s/)[0] ?? "";
}

/** Nothing is loaded from elsewhere: an image is a link to it. */
function Picture({ address, name }: { address: string; name: string }) {
  return (
    <a href={address} target="_blank" rel="noopener noreferrer">
      {name || address}
    </a>
  );
}
