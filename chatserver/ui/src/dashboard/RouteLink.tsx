// A link within this page: it changes the route without a page load.
import type { AnchorHTMLAttributes, MouseEvent, ReactNode } from "react";
import { hrefOf, navigate, type Route } from "./route";

interface Props extends AnchorHTMLAttributes<HTMLAnchorElement> {
  to: Partial<Route>;
  children: ReactNode;
}

export function RouteLink({ to, children, ...attributes }: Props) {
  const follow = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    navigate(to);
  };
  return <a {...attributes} href={hrefOf(to)} onClick={follow}>{children}</a>;
}

/** The link to the overview in the header. */
export function HomeLink(attributes: { href: string; children: ReactNode }) {
  return <RouteLink {...attributes} to={{}} />;
}
