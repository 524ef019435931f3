"""The landing page: the name, the endpoints and the status of the exporter."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from string import Template

DESCRIPTION = "Prometheus exporter for Claude Code agents"


@dataclass(frozen=True, slots=True)
class Link:
    """An endpoint of the server."""

    title: str
    path: str
    description: str


LINKS = (
    Link("Metrics", "/metrics", "Prometheus text format or OpenMetrics"),
    Link("Health", "/-/healthy", "200 while the exporter runs"),
    Link("Readiness", "/-/ready", "200 once all logs are counted"),
)

PAGE = Template("""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>hookmeter</title>
<style>
$style</style>
</head>
<body>
<header>
<svg viewBox="0 0 48 48" width="48" height="48" aria-hidden="true">
<path class="scale" d="M9 36a19 19 0 1 1 30 0"/><path class="needle" d="M24 27 34 15"/><circle cx="24" cy="27" r="3.5"/>
</svg>
<div>
<h1>hookmeter <small>$version</small></h1>
<p>$description</p>
</div>
</header>
<main>
<nav aria-label="Endpoints">
<ul>
$links
</ul>
</nav>
$facts
</main>
</body>
</html>
""")

STYLE = """\
:root { --paper: #f7f6f2; --card: #fff; --ink: #1f2328; --faint: #5b636d; --line: #dcd9d0; --accent: #a8420f }
@media (prefers-color-scheme: dark) {
  :root { --paper: #14171a; --card: #1d2125; --ink: #e8e6e1; --faint: #a3abb4; --line: #343a40; --accent: #f0905a }
}
* { box-sizing: border-box }
body { max-width: 44rem; margin: 0 auto; padding: clamp(1.25rem, 6vw, 4rem) 1.25rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif }
header { display: flex; gap: 1rem; align-items: flex-start; margin-bottom: 2rem }
svg { flex: none; fill: var(--accent) }
svg path { fill: none; stroke-width: 4; stroke-linecap: round }
.scale { stroke: var(--line) }
.needle { stroke: var(--accent) }
h1 { margin: 0; font-size: 1.75rem; line-height: 1.2; letter-spacing: -.01em }
small { color: var(--faint); font-size: .875rem; font-weight: 400; letter-spacing: 0 }
p { margin: .25rem 0 0; color: var(--faint) }
ul { display: grid; gap: .75rem; margin: 0 0 2rem; padding: 0; list-style: none;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 12rem), 1fr)) }
a { display: block; height: 100%; padding: .875rem 1rem; border: 1px solid var(--line); border-radius: .5rem;
  background: var(--card); color: inherit; text-decoration: none }
a:hover, a:focus-visible { border-color: var(--accent) }
a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
a strong { display: block; color: var(--accent) }
a code { display: block; font: .875rem/1.5 ui-monospace, monospace }
a span { color: var(--faint); font-size: .875rem }
table { width: 100%; border-collapse: collapse }
caption { padding-bottom: .5rem; font-weight: 600; text-align: left }
th, td { padding: .5rem 0; border-top: 1px solid var(--line); text-align: left; vertical-align: top }
th { width: 40%; padding-right: 1rem; color: var(--faint); font-weight: 400 }
td { overflow-wrap: anywhere; font-variant-numeric: tabular-nums }
"""


def landing_page(version: str, facts: Iterable[tuple[str, str]] = (), links: Iterable[Link] = LINKS) -> str:
    """The HTML of the page; the facts are pairs of a label and a value."""
    return PAGE.substitute(
        style=STYLE,
        version=escape(version),
        description=escape(DESCRIPTION),
        links="\n".join(map(_link, links)),
        facts=_table("\n".join(_row(label, value) for label, value in facts)),
    )


def _link(link: Link) -> str:
    title, path, description = map(escape, (link.title, link.path, link.description))
    return f'<li><a href="{path}"><strong>{title}</strong><code>{path}</code><span>{description}</span></a></li>'


def _table(rows: str) -> str:
    return f"<table>\n<caption>Status</caption>\n<tbody>\n{rows}\n</tbody>\n</table>" if rows else ""


def _row(label: str, value: str) -> str:
    return f'<tr><th scope="row">{escape(label)}</th><td>{escape(value)}</td></tr>'
