// A link to a place of this page: it changes the address, and loads nothing.
import type { AnchorHTMLAttributes, MouseEvent, ReactNode } from "react";
import { addressOf, go, type Place } from "./place";

interface Props extends AnchorHTMLAttributes<HTMLAnchorElement> {
  to: Partial<Place>;
  children: ReactNode;
}

export function Link({ to, children, ...more }: Props) {
  const follow = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    go(to);
  };
  return <a {...more} href={addressOf(to)} onClick={follow}>{children}</a>;
}
