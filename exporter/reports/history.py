"""The history in logs and transcripts: what was counted in each minute."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field

from exporter.counting.api_health import count_api_event
from exporter.counting.catalog import PROMPTS, SESSIONS_STARTED
from exporter.counting.messages import CountedMessage
from exporter.counting.rules import Counted
from exporter.counting.session_count import SessionCount, call_started_us
from exporter.counting.spending import Spending
from exporter.counting.totals import Increments, Totals
from exporter.ingest.follow import Report, SessionGroup, follow
from exporter.ingest.offsets import MemoryOffsets
from exporter.model.api_health import ApiEvent
from exporter.model.sessions import WINDOW_US, Session
from exporter.sources.decoded_lines import TimedRecord
from exporter.sources.pairing import Pairing
from exporter.sources.projects import UNKNOWN_PROJECT
from exporter.sources.transcript_files import TRANSCRIPT_SOURCE

STEP_US = 60 * 1_000_000


@dataclass(slots=True)
class History:
    """The counts of each time step, by the end of the step, over all directories."""

    label_limit: int
    steps: dict[int, Counted] = field(default_factory=lambda: defaultdict(Counted))
    undated: int = 0
    _sessions: dict[str, SessionCount] = field(default_factory=dict)
    _events: set[str] = field(default_factory=set)
    _remembered: list[Session] = field(default_factory=list)

    def add_logs(self, group: SessionGroup, report: Report) -> None:
        """Add the hook logs and transcripts of a group; `report` is called with each path that cannot be read."""
        for read in follow(group, MemoryOffsets(), report):
            for timed in read.records:
                self._add_record(timed)

    def add_remembered(self, session: Session, prompts_us: Iterable[int]) -> None:
        """Add the start and the prompts of a session that only the ledger remembers; it has no times of calls."""
        if session.session_id in self._sessions:
            return
        self._remembered.append(session)
        for time_us in prompts_us:
            self._step(time_us).increments.count(PROMPTS)

    def project_times(self) -> list[tuple[str, int]]:
        """The paths of projects in the hook logs, with the first times of the sessions in them."""
        sessions = [count.session for count in self._sessions.values()]
        return [(session.project, session.first_us) for session in sessions if session.project]

    def add_messages(self, messages: Iterable[CountedMessage]) -> None:
        """Add API messages."""
        for message in messages:
            Spending(self._step(message.time_us).increments).count_message(message)

    def add_api_events(self, events: Iterable[ApiEvent]) -> None:
        """Add failed API requests and fallbacks."""
        for event in events:
            count_api_event(event, self._step(event.time_us).increments)

    def finish(self, until_us: int, labels: Mapping[str, str]) -> None:
        """Count the sessions, by the labels of projects. Expire calls, and end sessions, after 24 hours of silence."""
        for session in self._remembered:
            label = labels.get(session.project, UNKNOWN_PROJECT)
            self._step(session.first_us).increments.count(SESSIONS_STARTED, (label,))
        for count in self._sessions.values():
            project = count.session.project
            label = labels[project] if project else UNKNOWN_PROJECT
            self._step(count.session.first_us).increments.count(SESSIONS_STARTED, (label,))
            self._end_calls(count, until_us)
            self._end_session(count, until_us)

    def increments(self, admitted: Mapping[str, Set[str]]) -> Iterator[tuple[int, Increments]]:
        """The end of each step and its increments, with label values beyond the limit as `other`.

        The limit includes the values that an exporter has admitted; they keep their names.
        """
        totals = Totals(self.label_limit, label_values={label: set(values) for label, values in admitted.items()})
        for step_us in sorted(self.steps):
            yield step_us, totals.bounded(self.steps[step_us].increments)

    def _add_record(self, timed: TimedRecord) -> None:
        record = timed.record
        if timed.source == TRANSCRIPT_SOURCE and timed.key:
            if timed.key in self._events:
                return  # copied from another session
            self._events.add(timed.key)
        count = self._sessions.get(record.session)
        if count is None:
            count = self._sessions[record.session] = SessionCount(Session(record.session), Pairing())
        self.undated += record.time_us is None
        at_us = timed.seen_us if record.time_us is None else record.time_us
        step = self._step(at_us)
        step.count_record(count, timed)
        if not count.session.last_us:  # no line of its transcript has a time so far
            count.session.first_us = count.session.last_us = at_us
        if count.pairing.has_results:
            step.finish(count)

    def _end_calls(self, count: SessionCount, until_us: int) -> None:
        for ends_us, expired in sorted(_ends(count)):
            if not expired:
                self._step(ends_us).settle(count, ends_us + 1)
            elif ends_us <= until_us:
                count.pairing.expire({expired})
                self._step(ends_us).finish(count)

    def _end_session(self, count: SessionCount, until_us: int) -> None:
        session = count.session
        if session.transcript_ended:
            self._step(session.transcript_last_us).end_transcript_run(session)
        silent_us = session.last_us + WINDOW_US
        if silent_us > until_us:
            return
        count.pairing.expire_all()
        step = self._step(silent_us)
        step.finish(count)
        if session.run_started_us or session.transcript_started_us:
            step.end_silent_run(session)

    def _step(self, time_us: int) -> Counted:
        step = self.steps[-(-time_us // STEP_US) * STEP_US]
        step.exemplars.clear()  # the history has no exemplars
        return step


def _ends(count: SessionCount) -> Iterator[tuple[int, str]]:
    """When open work presumably ended, and when calls expire, with their keys: after 24 hours at the latest."""
    session = count.session
    for key, call in count.pairing.open.items():
        expired_us = (session.last_us if call.is_in_background else call_started_us(call, session)) + WINDOW_US
        ended_us = (call.end.at_us or session.last_us) if call.end else expired_us
        yield (ended_us, "") if ended_us < expired_us else (expired_us, key)
    for end in (run.end for run in count.pairing.runs if run.end):
        if (ended_us := end.at_us or session.last_us) < session.last_us + WINDOW_US:
            yield ended_us, ""
