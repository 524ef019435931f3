"""What is known about a session besides its counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

from exporter.counting.session_count import EndedCalls
from exporter.model.records import Outcome, Witness
from exporter.model.titles import TitleKind
from exporter.sources.code_changes import Measure


@dataclass(slots=True)
class SessionFacts:
    """The calls of a session by tool, agent and outcome, the times of its prompts by witness, its titles and versions.

    Its versions are those of Claude Code that wrote its transcript, `first_prompt` the time and the first line of its
    earliest prompt, and `code` what its calls changed, None if that is unknown.
    """

    calls: EndedCalls = field(default_factory=EndedCalls)
    prompts: dict[Witness, list[int]] = field(default_factory=dict)
    titles: dict[TitleKind, str] = field(default_factory=dict)
    versions: set[str] = field(default_factory=set)
    first_prompt: tuple[int, str] | None = None
    code: Counter[Measure] | None = None

    @property
    def title(self) -> str:
        """The title that is shown, or else the first line of its first prompt; empty if there is neither."""
        if self.titles:
            return self.titles[min(self.titles)]
        return self.first_prompt[1] if self.first_prompt else ""

    @property
    def prompts_us(self) -> list[int]:
        """The times of prompts, from the witness that reports most of them, as they are counted; hooks are exact."""
        witnesses = sorted(self.prompts, key=lambda witness: (-len(self.prompts[witness]), witness is not Witness.HOOK))
        return sorted(self.prompts[witnesses[0]]) if witnesses else []

    @property
    def errors(self) -> int:
        """The number of its failed calls."""
        return sum(calls for (_, _, outcome), calls in self.calls.items() if outcome is Outcome.ERROR)

    def completed(self, other: SessionFacts) -> SessionFacts:
        """What is known together with what another reader has found, which may have read more, or less."""
        calls = max(self.calls, other.calls, key=lambda calls: calls.total())
        prompts = {
            witness: max(self.prompts.get(witness, []), other.prompts.get(witness, []), key=len)
            for witness in {*self.prompts, *other.prompts}
        }
        first_prompt = min(filter(None, (self.first_prompt, other.first_prompt)), default=None)
        titles, versions = self.titles | other.titles, self.versions | other.versions
        known = [code for code in (self.code, other.code) if code is not None]
        code = reduce(or_, known) if known else None
        return SessionFacts(calls, prompts, titles, versions, first_prompt, code)
