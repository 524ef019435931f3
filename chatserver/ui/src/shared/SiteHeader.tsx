// The top of every page: navigation, what the page adds, how pages look, and the account.
import type { ComponentType, ReactNode } from "react";
import { Appearance } from "./Appearance";
import { Logo } from "./Logo";

type LinkProps = { href: string; className: string; children: ReactNode; "aria-current"?: "page" | undefined };

interface Props {
  current?: "agents" | "chat";
  /** The link to the overview; on the dashboard it loads no page. */
  HomeLink?: ComponentType<LinkProps>;
  /** What the page adds between navigation and account. */
  children?: ReactNode;
  account?: ReactNode;
}

export function SiteHeader({ current, HomeLink = Anchor, children, account }: Props) {
  return (
    <header className="site-header">
      <HomeLink href="/" className="home">
        <Logo size={26} />
        <strong>hookmeter</strong>
      </HomeLink>
      <nav aria-label="Main">
        <HomeLink href="/" className="page" aria-current={current === "agents" ? "page" : undefined}>Agents</HomeLink>
        <a href="/chat" className="page" aria-current={current === "chat" ? "page" : undefined}>Chat</a>
      </nav>
      <div className="tools">{children}</div>
      <div className="account">
        <Appearance />
        {account}
      </div>
    </header>
  );
}

function Anchor({ children, ...attributes }: LinkProps) {
  return <a {...attributes}>{children}</a>;
}
