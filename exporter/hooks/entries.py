"""The recorder's entries in the hooks of parsed settings, without reading or writing files."""

from collections.abc import Callable, Iterator

from exporter.hooks.recorders import is_ours

EVENTS = (
    "PreToolUse",
    "PostToolUse",
    "PostToolUseFailure",
    "PostToolBatch",
    "PermissionRequest",
    "PermissionDenied",
    "Notification",
    "UserPromptSubmit",
    "SessionStart",
    "SessionEnd",
    "Stop",
    "StopFailure",
    "SubagentStart",
    "SubagentStop",
    "PreCompact",
)
"""The events that are recorded."""

TIMEOUT_SECONDS = 5

Hook = dict[str, object]
Group = dict[str, object]


def problem(settings: dict[str, object]) -> str | None:
    """What is wrong with the structure of the hooks; None if it is as documented."""
    hooks = settings.get("hooks", {})
    if not isinstance(hooks, dict):
        return "`hooks` must be an object"
    for event, groups in hooks.items():
        if not isinstance(groups, list):
            return f"`hooks.{event}` must be an array"
        for index, group in enumerate(groups):
            place = f"hooks.{event}[{index}]"
            if not isinstance(group, dict):
                return f"`{place}` must be an object"
            if not isinstance(group.get("hooks"), list):
                return f"`{place}.hooks` must be an array"
            if not all(isinstance(hook, dict) for hook in group["hooks"]):
                return f"`{place}.hooks` must contain only objects"
    return None


def with_recorder(settings: dict[str, object], command_for: Callable[[str], str]) -> dict[str, object]:
    """The settings with one recorder per event: in place of an existing one, else at the end."""
    hooks = groups_by_event(settings)
    for event in (*recorder_commands(settings), *EVENTS):
        hooks[event] = _with_command(hooks.get(event, []), command_for(event))
    return {**settings, "hooks": hooks}


def without_recorder(settings: dict[str, object]) -> dict[str, object]:
    """The settings without recorders, and without the groups and events that only a recorder was in."""
    before = groups_by_event(settings)
    after = {event: _map_recorders(groups, lambda _: None) for event, groups in before.items()}
    hooks = {event: groups for event, groups in after.items() if groups or not before[event]}
    others = {key: value for key, value in settings.items() if key != "hooks"}
    return {**settings, "hooks": hooks} if hooks or ("hooks" in settings and not before) else others


def recorder_commands(settings: dict[str, object]) -> dict[str, str]:
    """The recorder's command for each event that has one."""
    first = {event: next(_recorder_commands(groups), None) for event, groups in groups_by_event(settings).items()}
    return {event: command for event, command in first.items() if command is not None}


def groups_by_event(settings: dict[str, object]) -> dict[str, list[Group]]:
    """The groups of hooks by event."""
    hooks = settings.get("hooks", {})
    return dict(hooks) if isinstance(hooks, dict) else {}


def _hooks(group: Group) -> list[Hook]:
    hooks = group["hooks"]
    return hooks if isinstance(hooks, list) else []


def _recorder_commands(groups: list[Group]) -> Iterator[str]:
    return (str(hook["command"]) for group in groups for hook in _hooks(group) if is_ours(hook.get("command")))


def _with_command(groups: list[Group], command: str) -> list[Group]:
    if not any(_recorder_commands(groups)):
        hook = {"type": "command", "command": command, "timeout": TIMEOUT_SECONDS}
        return [*groups, {"matcher": "", "hooks": [hook]}]
    commands = iter([command])  # the first recorder gets it, others are removed
    return _map_recorders(groups, lambda hook: next(({**hook, "command": command} for command in commands), None))


def _map_recorders(groups: list[Group], change: Callable[[Hook], Hook | None]) -> list[Group]:
    """The groups with each recorder changed, or removed if the change is None."""
    changed = []
    for group in groups:
        before = _hooks(group)
        after = [new for hook in before if (new := change(hook) if is_ours(hook.get("command")) else hook) is not None]
        if after or not before:
            changed.append({**group, "hooks": after})
    return changed
