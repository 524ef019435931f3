"""The texts of amounts: durations, US dollars and numbers of things."""

from __future__ import annotations

LEAST_SHOWN = 0.0001


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


def dollars(amount: float | None, unpriced_tokens: int = 0) -> str:
    """An amount in US dollars: in cents, and below a dollar in hundredths of cents; "unknown" if it is None.

    A plus follows if it lacks the cost of tokens of models without a known price.
    """
    if amount is None:
        return "unknown"
    more = "+" if unpriced_tokens else ""
    if 0 < abs(amount) < LEAST_SHOWN / 2:
        return f"{f'<${LEAST_SHOWN}' if amount > 0 else f'>-${LEAST_SHOWN}'}{more}"
    digits = 4 if 0 < abs(amount) < 1 else 2
    return f"{'-' if amount < 0 else ''}${abs(amount):,.{digits}f}{more}"


def unpriced_note(tokens: int, what: str) -> list[str]:
    """A sentence on tokens whose cost is not in something; none if there are none."""
    if not tokens:
        return []
    are = "token is" if tokens == 1 else "tokens are"
    return [
        f"{tokens:,} {are} of models without a known price: their cost is not in {what}. Set a price with --prices."
    ]


def numbered(number: int, name: str) -> str:
    """A number of things, such as "1 commit"."""
    return f"{number:,} {name}{'' if number == 1 else 's'}"
