"""Sessions and their status."""

from __future__ import annotations

import msgspec

from exporter.model.records import SessionStatus, Witness

MINUTE_US = 60 * 1_000_000
SETTLE_US = MINUTE_US  # a line that is written later than this may be counted otherwise than one that is on time
ACTIVE_US = 5 * MINUTE_US
SILENT_US = 60 * MINUTE_US
WINDOW_US = 24 * 60 * MINUTE_US
STARTED, ANNOUNCED, TURN = "started", "announced ", "turn"  # keys of `Session.tallies`


class Session(msgspec.Struct, gc=False):
    """A session as the ledger stores it. A run lasts from a start or resume to its end.

    `run_started_us`, `hook_last_us` and `ended` are what hooks report of its current run, `transcript_started_us`,
    `transcript_last_us` and `transcript_ended` what its transcript reports; `first_us` and `last_us` are those of both.

    `tallies` has by name the numbers of events that both witnesses report without a common id, one for each witness;
    what hooks report of compactions (STARTED, ANNOUNCED); and when the last turn of the main agent started, when it
    ended, and when the session was opened (TURN).

    `open_calls` leaves out `background_calls`, which continue in the background; `running_agents` are the runs of its
    sub-agents that have not ended. Up to `hooks_alone_us`, an older version has counted all of its events from hooks,
    without a tally. While it `awaits_project`, no line has named its project, and it is not counted as started.
    """

    session_id: str
    project: str = ""
    first_us: int = 0
    last_us: int = 0
    run_started_us: int = 0
    ended: bool = False
    calls: int = 0
    open_calls: int = 0
    hook_last_us: int = 0
    transcript_started_us: int = 0
    transcript_last_us: int = 0
    transcript_ended: bool = False
    tallies: dict[str, list[int]] = msgspec.field(default_factory=dict)
    background_calls: int = 0
    hooks_alone_us: int = 0
    running_agents: int = 0
    awaits_project: bool = False

    @property
    def known_calls(self) -> int:
        """All its calls, whether or not they have ended."""
        return self.calls + self.open_calls + self.background_calls

    @property
    def is_lone_end(self) -> bool:
        """Whether nothing but its end was reported, as by `claude mcp list`, which opens no session."""
        return self.ended and not self.last_us

    @property
    def is_busy(self) -> bool:
        """Whether a call or a sub-agent runs; a command in the background may be a server that nothing waits for."""
        return self.open_calls > 0 or self.running_agents > 0

    @property
    def has_hooks(self) -> bool:
        """Whether hooks have reported it."""
        return self.hook_last_us > 0

    @property
    def has_transcript(self) -> bool:
        """Whether a transcript has reported it; only that has costs."""
        return self.transcript_last_us > 0 or self.transcript_ended

    @property
    def is_over(self) -> bool:
        """Whether its last run has ended, by hooks if any have reported it."""
        return self.ended if self.hook_last_us else self.transcript_ended

    def update_from_hook(self, time_us: int, *, ends: bool) -> int | None:
        """Update the times from one record of a hook; return the length of the run if the record ends it."""
        newer = time_us >= self.hook_last_us
        if newer:
            self.hook_last_us = time_us
        if self.last_us or not ends:
            self._extend_to(time_us)
        if self.ended and not newer:
            return None  # a late line of the run that has already ended
        self.ended = ends
        if ends and not self.run_started_us:
            return None  # nothing that was reported has run
        if not self.run_started_us or time_us < self.run_started_us:
            self.run_started_us = time_us
        if not ends:
            return None
        run_us, self.run_started_us = time_us - self.run_started_us, 0
        return run_us

    def update_from_transcript(self, time_us: int) -> int | None:
        """Update the times from one line of a transcript; return the length of the run that ended before, if any."""
        self._extend_to(time_us)
        if self.transcript_ended and time_us <= self.transcript_last_us:
            return None  # a late line of the run that has already ended
        resumed = self.transcript_ended and time_us > self.transcript_last_us + SETTLE_US
        run_us = self.end_transcript_run() if resumed else None
        self.transcript_ended = False
        self.transcript_started_us = min(self.transcript_started_us or time_us, time_us)
        self.transcript_last_us = max(self.transcript_last_us, time_us)
        return run_us

    def update_from_undated_transcript(self, written_us: int) -> None:
        """Take over the time of a transcript's file, if it has one, and no line of the session has a time."""
        if written_us and not self.last_us:
            self._extend_to(written_us)
            self.transcript_last_us = written_us

    def end_transcript_run(self) -> int | None:
        """End the run that the transcript shows; return its length unless hooks report it or it was returned before."""
        started_us, self.transcript_started_us = self.transcript_started_us, 0
        self.transcript_ended = True
        return self.transcript_last_us - started_us if started_us and not self.hook_last_us else None

    def completed(self, other: Session) -> Session:
        """The session together with what another reader has found, which may have read more, or less."""
        return msgspec.structs.replace(
            self,
            project=self.project or other.project,
            first_us=min(self.first_us, other.first_us),
            last_us=max(self.last_us, other.last_us),
            calls=max(self.calls, other.calls),
            hook_last_us=max(self.hook_last_us, other.hook_last_us),
            transcript_last_us=max(self.transcript_last_us, other.transcript_last_us),
        )

    def tally(self, name: str, witness: Witness) -> bool:
        """Tally an event; whether it is new: there are as many as the witness reports that reports most."""
        tally = self.tallies.setdefault(name, [0, 0])
        own = int(witness is Witness.TRANSCRIPT)
        tally[own] += 1
        return tally[own] > tally[1 - own]

    @property
    def turn_ended_us(self) -> int:
        """The end of the last turn of the main agent; 0 if none has ended."""
        return self.tallies[TURN][1] if TURN in self.tallies else 0

    @property
    def had_turn(self) -> bool:
        """Whether the main agent has had a turn since the session was opened."""
        started_us, ended_us, opened_us = self.tallies.get(TURN, (0, 0, 0))
        return max(started_us, ended_us) > opened_us

    @property
    def has_ended_turn(self) -> bool:
        """Whether the last turn has ended, and nothing runs that will begin another one."""
        started_us, ended_us, opened_us = self.tallies.get(TURN, (0, 0, 0))
        return ended_us > max(started_us, opened_us) and not self.is_busy

    def mark_turn(self, change: int, time_us: int) -> None:
        """Store the newest time at which a turn has started (0) or ended (1), or the session was opened (2)."""
        times = self.tallies.setdefault(TURN, [0, 0, 0])
        times[change] = max(times[change], time_us)

    def mark_started(self, agent_id: str) -> None:
        """Mark that a process has started, or that an agent starts over after a compaction."""
        self.tallies[STARTED] = []
        self.tallies.pop(ANNOUNCED + agent_id, None)

    def announce_compaction(self, agent_id: str) -> bool:
        """Mark that a hook announces a compaction; whether it is another one than the agent announced last.

        Claude Code may leave it for later, and announces it again then. Logs that lack starts do not show that.
        """
        key = ANNOUNCED + agent_id
        is_again = STARTED in self.tallies and key in self.tallies
        self.tallies[key] = []
        return not is_again

    def _extend_to(self, time_us: int) -> None:
        if self.is_lone_end:
            self.last_us = self.hook_last_us
        if not self.first_us or time_us < self.first_us:
            self.first_us = time_us
        if time_us > self.last_us:  # noqa: PLR1730 - max() would take as long as all the rest
            self.last_us = time_us


class TranscriptSession(msgspec.Struct, frozen=True, gc=False):
    """What is decided once about the session of transcripts: the path of its project, and the time of its first line.

    `label` is that of the project.
    """

    session_id: str
    project: str
    born_us: int
    label: str = ""


def status(session: Session, now_us: int) -> SessionStatus:
    """COMPLETED after its end or an hour of silence; ACTIVE with a line in 5 minutes or running work; else IDLE."""
    silent_us = now_us - session.last_us
    if session.is_over or silent_us > SILENT_US:
        return SessionStatus.COMPLETED
    return SessionStatus.ACTIVE if session.is_busy or silent_us <= ACTIVE_US else SessionStatus.IDLE


def next_change_us(session: Session, now_us: int) -> int:
    """The time at which the status changes or the session leaves the window if it logs nothing more."""
    moments = (session.last_us + span + 1 for span in (ACTIVE_US, SILENT_US, WINDOW_US))
    return min((moment for moment in moments if moment > now_us), default=now_us)
