// Markdown as a flat list of tokens. HTML stays text; only web and mail addresses become links.
import MarkdownIt, { type Token } from "markdown-it";

const ALLOWED_URL = /^(?:https?:\/\/|mailto:)/i;

const parser = new MarkdownIt({ html: false, linkify: true });
parser.validateLink = (url) => ALLOWED_URL.test(url);

/** Block tokens, with their inline tokens in place between open and close. */
export function tokensOf(text: string): Token[] {
  return parser.parse(text, {}).flatMap((token) => (token.type === "inline" ? (token.children ?? []) : [token]));
}
