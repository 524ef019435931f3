"""Failed API requests and fallbacks to another model. Each has a key, which all copies of its line share."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class ApiErrorOutcome(StrEnum):
    """What followed a failed API request: another attempt, or an error message in place of an answer."""

    RETRIED = "retried"
    ABANDONED = "abandoned"


class FallbackTrigger(StrEnum):
    """Why Claude Code continued with another model."""

    OVERLOADED = "overloaded"
    SERVER_ERROR = "server_error"
    MODEL_NOT_FOUND = "model_not_found"
    MODEL_BLOCKED = "model_blocked"
    PERMISSION_DENIED = "permission_denied"
    REFUSAL = "refusal"
    LAST_RESORT = "last_resort"
    OTHER = "other"


class ApiError(msgspec.Struct, frozen=True, gc=False, tag=True):
    """A failed API request. `status` is that of HTTP, `network` or `unknown`; `wait_ms` is until the next attempt."""

    key: int
    time_us: int
    status: str
    outcome: ApiErrorOutcome
    wait_ms: int = 0


class ModelFallback(msgspec.Struct, frozen=True, gc=False, tag=True):
    """A switch to another model because a request to the current one failed or was refused."""

    key: int
    time_us: int
    trigger: FallbackTrigger
    from_model: str
    to_model: str


ApiEvent = ApiError | ModelFallback
