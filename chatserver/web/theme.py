"""The theme that a browser has chosen; its cookie is set by the pages (ui/src/shared/preferences.ts)."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Request

COOKIE = "hookmeter_theme"


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme: its name, empty where the system decides, and the color of the bars that phones show around a page."""

    name: str
    color: str


THEMES = (Theme("light", "#f7f6f2"), Theme("dark", "#14171a"))
SYSTEM = Theme("", "")


def theme_of(request: Request) -> Theme:
    """The chosen theme; that of the system where the cookie is missing or names none."""
    name = request.cookies.get(COOKIE)
    return next((theme for theme in THEMES if theme.name == name), SYSTEM)
