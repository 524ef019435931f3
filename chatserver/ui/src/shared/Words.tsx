// A command or path whose words stay whole: a line is broken between them, or after a slash of one that is longer than a line.
const AFTER_SLASHES = /(?<=\/)(?=[^/])/;

export function Words({ of }: { of: string }) {
  return of.split(" ").map((word, place) => [
    place > 0 && " ",
    <span key={place} className="word">{word.split(AFTER_SLASHES).map((part) => [part, <wbr />])}</span>,
  ]);
}
