"""Which connections are open, what each waits for, and whom to close when there are too many."""

import asyncio
import enum
from typing import Any

Client = asyncio.Task[Any]


class Phase(enum.Enum):
    """What a connection is doing."""

    SILENT = enum.auto()  # no whole request yet, or idle between two
    ANSWERING = enum.auto()
    SENDING = enum.auto()


class OpenConnections:
    """The tasks of all clients, those of a phase in the order in which they entered it."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._phases: dict[Phase, dict[Client, None]] = {phase: {} for phase in Phase}
        self.closing = False

    def __len__(self) -> int:
        return sum(map(len, self._phases.values()))

    def admit(self, client: Client) -> None:
        """Let a client in, at the cost of the one that has been silent for longest, or of this one."""
        if len(self) >= self._limit and not self.shed():
            client.cancel()
            return
        self._move(client, Phase.SILENT)
        client.add_done_callback(self._leave)

    def enter(self, phase: Phase) -> None:
        """Note what the client whose task this is does from now on."""
        client = asyncio.current_task()
        if client is not None:
            self._move(client, phase)

    def shed(self) -> Client | None:
        """Close the client that has been waited for longest, and return it, None when there is none."""
        for phase in (Phase.SILENT, Phase.SENDING):
            for client in self._phases[phase]:
                client.cancel()
                self._leave(client)
                return client
        return None

    async def finish(self, within: float) -> None:
        """Close every silent client at once and the others when answered, or after so many seconds."""
        self.closing = True
        for client in self._phases[Phase.SILENT]:
            client.cancel()
        clients = [client for phase in self._phases.values() for client in phase]
        if clients:
            _, late = await asyncio.wait(clients, timeout=within)
            for client in late:
                client.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _move(self, client: Client, phase: Phase) -> None:
        self._leave(client)
        self._phases[phase][client] = None

    def _leave(self, client: Client) -> None:
        for phase in self._phases.values():
            phase.pop(client, None)
