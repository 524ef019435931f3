"""The recorder's entries among the hooks of parsed settings; nothing here reads or writes a file."""

from collections.abc import Callable, Iterator

from exporter.hooks.recorders import is_ours

EVENTS = (
    "PreToolUse",
    "PostToolUse",
    "PostToolUseFailure",
    "PostToolBatch",
    "PermissionRequest",
    "PermissionDenied",
    "UserPromptSubmit",
    "SessionStart",
    "SessionEnd",
    "Stop",
    "StopFailure",
    "SubagentStart",
    "SubagentStop",
    "PreCompact",
)
"""What is recorded."""

TIMEOUT_SECONDS = 5

Hook = dict[str, object]
Group = dict[str, object]


def problem(settings: dict[str, object]) -> str | None:
    """Say what about the hooks is not of the documented shape; None where all is well."""
    hooks = settings.get("hooks", {})
    if not isinstance(hooks, dict):
        return "`hooks` must be an object"
    for event, groups in hooks.items():
        if not isinstance(groups, list):
            return f"`hooks.{event}` must be an array"
        for at, group in enumerate(groups):
            place = f"hooks.{event}[{at}]"
            if not isinstance(group, dict):
                return f"`{place}` must be an object"
            if not isinstance(group.get("hooks"), list):
                return f"`{place}.hooks` must be an array"
            if not all(isinstance(hook, dict) for hook in group["hooks"]):
                return f"`{place}.hooks` must hold objects only"
    return None


def with_recorder(settings: dict[str, object], command_for: Callable[[str], str]) -> dict[str, object]:
    """Give the settings with one recorder for every event: in its place where one stands already, else at the end."""
    hooks = groups_by_event(settings)
    for event in (*own_commands(settings), *EVENTS):
        hooks[event] = _placed(hooks.get(event, []), command_for(event))
    return {**settings, "hooks": hooks}


def without_recorder(settings: dict[str, object]) -> dict[str, object]:
    """Give the settings without any recorder, and without what only a recorder had filled."""
    before = groups_by_event(settings)
    after = {event: _changed(groups, lambda _: None) for event, groups in before.items()}
    hooks = {event: groups for event, groups in after.items() if groups or not before[event]}
    others = {key: value for key, value in settings.items() if key != "hooks"}
    return {**settings, "hooks": hooks} if hooks or ("hooks" in settings and not before) else others


def own_commands(settings: dict[str, object]) -> dict[str, str]:
    """Give the recorder's command for each event that has one."""
    first = {event: next(_own(groups), None) for event, groups in groups_by_event(settings).items()}
    return {event: command for event, command in first.items() if command is not None}


def groups_by_event(settings: dict[str, object]) -> dict[str, list[Group]]:
    """Give the groups of hooks of each event."""
    hooks = settings.get("hooks", {})
    return dict(hooks) if isinstance(hooks, dict) else {}


def _hooks(group: Group) -> list[Hook]:
    hooks = group["hooks"]
    return hooks if isinstance(hooks, list) else []


def _own(groups: list[Group]) -> Iterator[str]:
    return (str(hook["command"]) for group in groups for hook in _hooks(group) if is_ours(hook.get("command")))


def _placed(groups: list[Group], command: str) -> list[Group]:
    if not any(_own(groups)):
        hook = {"type": "command", "command": command, "timeout": TIMEOUT_SECONDS}
        return [*groups, {"matcher": "", "hooks": [hook]}]
    commands = iter([command])  # the first recorder gets it, any other goes
    return _changed(groups, lambda hook: next(({**hook, "command": command} for command in commands), None))


def _changed(groups: list[Group], change: Callable[[Hook], Hook | None]) -> list[Group]:
    """Give the groups with each recorder changed, or taken out where the change is None."""
    changed = []
    for group in groups:
        before = _hooks(group)
        after = [new for hook in before if (new := change(hook) if is_ours(hook.get("command")) else hook) is not None]
        if after or not before:
            changed.append({**group, "hooks": after})
    return changed
