// Markdown rendered as React elements from a fixed set; HTML in it stays text.
import { createElement, memo, type ReactNode } from "react";
import type { Token } from "markdown-it";
import { CodeBlock } from "./CodeBlock";
import { tokensOf } from "./tokens";

const ELEMENTS = new Set([
  "p", "em", "strong", "s", "blockquote", "ul", "ol", "li", "thead", "tbody", "tr", "th", "td", "table", "a",
]);
const TOP_LEVEL = 3; // h1 is the page's heading, h2 the message's

interface Frame {
  opening: Token | null;
  children: ReactNode[];
}

export const Markdown = memo(function Markdown({ text }: { text: string }) {
  return <div className="prose">{elementsOf(tokensOf(text))}</div>;
});

function elementsOf(tokens: Token[]): ReactNode[] {
  let frame: Frame = { opening: null, children: [] };
  const parents: Frame[] = [];
  let level = TOP_LEVEL - 1;
  tokens.forEach((token, key) => {
    if (token.hidden) return;
    if (token.nesting === 1) {
      parents.push(frame);
      frame = { opening: token, children: [] };
    } else if (token.nesting === -1) {
      const { opening, children } = frame;
      frame = parents.pop() ?? { opening: null, children: [] };
      // Levels that the text skips are closed up, for screen readers.
      if (opening?.type === "heading_open") level = Math.min(levelOf(opening), level + 1);
      if (opening) frame.children.push(element(opening, key, level, children));
    } else {
      frame.children.push(leaf(token, key));
    }
  });
  return frame.children;
}

/** A heading's level below the message's own heading. */
function levelOf(opening: Token): number {
  return Math.min(6, Number(opening.tag.slice(1)) + TOP_LEVEL - 1);
}

function element(opening: Token, key: number, level: number, children: ReactNode[]): ReactNode {
  if (opening.type === "heading_open") return createElement(`h${level}`, { key }, ...children);
  if (!ELEMENTS.has(opening.tag)) return children;
  const result = createElement(opening.tag, { key, ...propertiesOf(opening) }, ...children);
  if (opening.tag !== "table") return result;
  return <div key={key} className="wide" role="group" aria-label="Table" tabIndex={0}>{result}</div>;
}

function propertiesOf(opening: Token): Record<string, unknown> {
  if (opening.tag === "a") return { href: opening.attrGet("href"), target: "_blank", rel: "noopener noreferrer" };
  if (opening.tag === "ol" && opening.attrGet("start")) return { start: Number(opening.attrGet("start")) };
  const alignment = /text-align:(\w+)/.exec(String(opening.attrGet("style") ?? ""))?.[1];
  return alignment ? { className: `align-${alignment}` } : {};
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
      return <ImageLink key={key} url={String(token.attrGet("src") ?? "")} alt={token.content} />;
    default:
      return token.content;
  }
}

function languageOf(fence: Token): string {
  return fence.info.trim().split(/\s/)[0] ?? "";
}

/** An image as a link, so that the page loads nothing from other servers. */
function ImageLink({ url, alt }: { url: string; alt: string }) {
  return (
    <a href={url} target="_blank" rel="noopener noreferrer">
      {alt || url}
    </a>
  );
}
