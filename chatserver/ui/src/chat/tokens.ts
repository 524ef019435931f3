// Markdown as a list of tokens. HTML in it is text, and a link leads to a web or mail address or is none.
import MarkdownIt, { type Token } from "markdown-it";

const LINK = /^(?:https?:\/\/|mailto:)/i;

const parser = new MarkdownIt({ html: false, linkify: true });
parser.validateLink = (url) => LINK.test(url);

/** The tokens of a text, blocks with their inline tokens between their begin and end. */
export function tokensOf(text: string): Token[] {
  return parser.parse(text, {}).flatMap((token) => (token.type === "inline" ? (token.children ?? []) : [token]));
}
