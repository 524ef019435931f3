"""The windows of a subscription's quota, and the rate at which each is used, for rules and boards."""

from __future__ import annotations

from dataclasses import dataclass

USED, RESETS = "claude_rate_limit_used_ratio", "claude_rate_limit_resets_timestamp_seconds"
HOUR_SECONDS, DAY_SECONDS = 3600, 86400


@dataclass(frozen=True, slots=True)
class QuotaWindow:
    """A quota window, its length, and how far back the rate of its use is measured."""

    name: str
    seconds: int
    rate_window: str
    rate_seconds: int


FIVE_HOURS = QuotaWindow("five_hour", 5 * HOUR_SECONDS, "30m", HOUR_SECONDS // 2)
SEVEN_DAYS = QuotaWindow("seven_day", 7 * DAY_SECONDS, "6h", 6 * HOUR_SECONDS)
QUOTA_WINDOWS = (FIVE_HOURS, SEVEN_DAYS)


def of_window(metric: str, window: QuotaWindow, *selectors: str) -> str:
    """The series of a metric that are of one window."""
    return f'{metric}{{{", ".join((*selectors, ""))}window="{window.name}"}}'


def use_per_second(window: QuotaWindow, *selectors: str) -> str:
    """The share of a window that is used per second, of late.

    Of a window that has just begun, all of what is used: the samples before are those of the window that has reset.
    """
    used, resets = (of_window(metric, window, *selectors) for metric in (USED, RESETS))
    has_just_begun = f"{resets} - time() > {window.seconds - window.rate_seconds}"
    return f"""(
  clamp_min(deriv({used}[{window.rate_window}]), 0) unless {has_just_begun}
  or {used} / {window.rate_seconds} and {has_just_begun}
)"""
