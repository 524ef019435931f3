import re
from html.parser import HTMLParser

from exporter.web.http.landing import LINKS, landing_page

VOID = {"meta", "link", "path", "circle"}


class Outline(HTMLParser):
    """The tags of a page, checked for balance, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_it_shows_the_version_and_links_to_every_endpoint() -> None:
    outline = Outline(landing_page("1.2.3"))
    assert outline.open == []
    assert "hookmeter 1.2.3" in outline.text
    assert all(link.title in outline.text for link in LINKS)
    assert [attrs["href"] for tag, attrs in outline.tags if tag == "a"] == [link.path for link in LINKS]


def test_facts_are_a_table_and_are_escaped() -> None:
    page = landing_page("1", [("Log <directory>", '/a&"b"'), ("$style", "${x}")])
    assert '<th scope="row">Log &lt;directory&gt;</th><td>/a&amp;&quot;b&quot;</td>' in page
    assert "$style" in Outline(page).text
    assert "<table>" not in landing_page("1")


def test_it_needs_no_script_and_no_other_resource() -> None:
    page = landing_page("1", [("a", "b")])
    assert not re.search(r"<script|\bon\w+=|https?://|url\(|@import|src=", page)


def test_it_suits_light_and_dark_and_small_screens() -> None:
    page = landing_page("1")
    assert "prefers-color-scheme: dark" in page
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in page
    assert '<html lang="en">' in page
