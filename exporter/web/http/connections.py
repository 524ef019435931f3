"""The open connections by phase, and which of them is closed when there are too many."""

import asyncio
import enum
from typing import Any

Client = asyncio.Task[Any]


class Phase(enum.Enum):
    """What a connection is doing."""

    WAITING = enum.auto()  # for a whole request
    RESPONDING = enum.auto()
    SENDING = enum.auto()


class OpenConnections:
    """The tasks of all clients by phase, in the order in which they entered it."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._phases: dict[Phase, dict[Client, None]] = {phase: {} for phase in Phase}
        self.closing = False

    def __len__(self) -> int:
        return sum(map(len, self._phases.values()))

    def add_client(self, client: Client) -> None:
        """Add a client; if there are too many, close the one that has waited longest, or else this one."""
        if len(self) >= self._limit and not self.shed():
            client.cancel()
            return
        self._move(client, Phase.WAITING)
        client.add_done_callback(self._remove)

    def enter_phase(self, phase: Phase) -> None:
        """Move the client of the current task to a phase."""
        client = asyncio.current_task()
        if client is not None:
            self._move(client, phase)

    def shed(self) -> Client | None:
        """Close the client that has waited longest to send a request or to receive a response, and return it."""
        for phase in (Phase.WAITING, Phase.SENDING):
            for client in self._phases[phase]:
                client.cancel()
                self._remove(client)
                return client
        return None

    async def close_all(self, timeout: float) -> None:
        """Close waiting clients at once, and the others after their response or `timeout` seconds."""
        self.closing = True
        for client in self._phases[Phase.WAITING]:
            client.cancel()
        clients = [client for phase in self._phases.values() for client in phase]
        if clients:
            _, late = await asyncio.wait(clients, timeout=timeout)
            for client in late:
                client.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _move(self, client: Client, phase: Phase) -> None:
        self._remove(client)
        self._phases[phase][client] = None

    def _remove(self, client: Client) -> None:
        for phase in self._phases.values():
            phase.pop(client, None)
