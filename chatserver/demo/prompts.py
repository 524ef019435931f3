"""The tasks of the demo: what is asked, and how its Claude Code answers. No model is involved."""

from __future__ import annotations

from dataclasses import dataclass

ANSWER = """This is a demo: no model has read your message. With Claude Code installed, `hookmeter run` starts it for \
every message, and its answer is shown here while it is written."""
CART = """The total was wrong because a discount was applied **before** the quantity:

```python
def total(items):
    return sum(item.price * item.quantity - item.discount for item in items)
```

| cart | before | now |
|---|---|---|
| one item | $12.00 | $12.00 |
| three items, 10% off | $35.00 | $32.40 |

All 214 tests pass. I also added one for carts with several discounts."""
LOCKS = """Three queries hold their locks over a request to the bank. Moving the request before the transaction \
shortens the longest lock from 2.1 s to 40 ms; see `billing/transfer.py`."""


@dataclass(frozen=True, slots=True)
class DemoTask:
    """A task: its prompt, the tool calls that it takes, and its answer; without one it fails with the error."""

    prompt: str
    calls: int
    answer: str = ANSWER
    error: str = ""


CONVERSATIONS = (
    DemoTask("Why is the total of a cart with discounts wrong?", 6, CART),
    DemoTask("Which queries keep their locks for long?", 9, LOCKS),
)
TASKS = (
    DemoTask("Go through all open issues and close those that are fixed", 400),
    DemoTask(
        "Update the dependencies and run the tests", 4, error="API Error: 529 The API is overloaded; try again later."
    ),
    DemoTask("Write the release notes of version 2.4", 12),
    DemoTask("Remove the feature flag new_checkout", 10),
)
OTHERS = DemoTask("", 5)  # whatever else is asked


def demo_task(prompt: str) -> DemoTask:
    """How to work on a prompt."""
    return next((task for task in (*CONVERSATIONS, *TASKS) if task.prompt == prompt.strip()), OTHERS)
