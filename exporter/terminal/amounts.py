"""The texts of amounts: durations and US dollars."""

from __future__ import annotations

HALF_A_CENT = 0.005


def duration(milliseconds: float | None) -> str:
    """A duration in two units at most: 850 ms, 12.3 s, 4 min 10 s, 2 h 5 min."""
    if milliseconds is None:
        return "–"
    if round(milliseconds) < 1000:
        return f"{milliseconds:.0f} ms"
    if round(milliseconds / 1000, 1) < 60:
        return f"{milliseconds / 1000:.1f} s"
    minutes, rest = divmod(round(milliseconds / 1000), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def dollars(amount: float | None) -> str:
    """An amount in US dollars, rounded to cents; "unknown" if it is None."""
    if amount is None:
        return "unknown"
    return f"-${-amount:,.2f}" if amount <= -HALF_A_CENT else f"${abs(amount):,.2f}"
