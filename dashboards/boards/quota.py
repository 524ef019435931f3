"""Quota: what is left of the five-hour and the seven-day window, and whether it lasts until they begin anew."""

from __future__ import annotations

from grafana_foundation_sdk.builders import bargauge, stat, timeseries

from dashboards import meanings as m
from dashboards import panels as p
from dashboards import queries as q
from dashboards.board import Board, Section
from dashboards.links import COST, QUOTA, to
from dashboards.variables import INSTANCE


def board() -> Board:
    """The board."""
    return Board(
        QUOTA,
        "now-2d",
        (INSTANCE,),
        (
            Section("How much is used, and does it last?", (used(), at_reset())),
            Section("When?", (resets(), lasts(), told())),
            Section("How did it go?", (used_over_time(), pace())),
        ),
    )


def used() -> bargauge.Panel:
    about = "How much of its windows the subscription has used, as Claude Code was told."
    panel = p.filled("Used", about, p.at_the_end(q.QUOTA_USED, "{{window}}")).span(12).height(5)
    return p.called(panel.thresholds(m.QUOTA).no_value(m.NO_QUOTA), m.WINDOWS)


def at_reset() -> stat.Panel:
    about = "How much will be used when the window begins anew, if it goes on as of late. Above 100 % it does not last."
    panel = p.big("Used when it begins anew, at this pace", about, p.at_the_end(q.QUOTA_AT_RESET, "{{window}}"))
    panel.unit(m.SHARE).decimals(0).span(12).height(5).no_value(m.NO_QUOTA)
    return p.called(panel.thresholds(m.QUOTA_AT_RESET), m.WINDOWS)


def resets() -> stat.Panel:
    about = "How long it is until the window begins anew."
    panel = p.big("Begins anew in", about, p.at_the_end(q.QUOTA_RESETS_IN, "{{window}}")).unit(m.SECONDS).span(8)
    return p.called(panel.no_value(m.NO_QUOTA).decimals(1), m.WINDOWS)


def lasts() -> stat.Panel:
    about = (
        "How long it is until the window is used up, if it goes on as in the last half hour, or in six for seven days."
    )
    panel = p.big("Used up in, at the present rate", about, p.at_the_end(q.QUOTA_LASTS, "{{window}}")).unit(m.SECONDS)
    panel.span(8).decimals(1)
    return p.called(panel.no_value("Nothing is being used"), m.WINDOWS)


def told() -> stat.Panel:
    about = "How long ago Claude Code last said something new of the window. What was used since is not known."
    panel = p.big("Last heard of", about, p.at_the_end(q.QUOTA_TOLD_AGO, "{{window}}")).unit(m.SECONDS).span(8)
    return p.called(panel.decimals(0).thresholds(m.HEARD_OF).no_value(m.NO_QUOTA), m.WINDOWS)


def used_over_time() -> timeseries.Panel:
    about = "How much of the windows was used; the lines are at 80 and at 90 percent."
    panel = p.lines("Used, over time", about, p.over_time(q.QUOTA_USED, "{{window}}")).unit(m.SHARE).max(1)
    panel.thresholds(m.QUOTA).no_value(m.NO_QUOTA).height(9)
    return p.called(p.coloured(p.drawn_at_thresholds(panel), m.WINDOW_COLOURS), m.WINDOWS)


def pace() -> timeseries.Panel:
    about = (
        "How much would be used when the windows begin anew, at the pace that they had; above 100 % it does not last."
    )
    panel = p.lines("Used when it begins anew, at the pace of then", about, p.over_time(q.QUOTA_AT_RESET, "{{window}}"))
    panel.unit(m.SHARE).thresholds(m.QUOTA_AT_RESET).no_value(m.NO_QUOTA).height(9).axis_soft_max(1)
    return p.called(p.coloured(p.drawn_at_thresholds(panel), m.WINDOW_COLOURS), m.WINDOWS).links([to(COST)])
