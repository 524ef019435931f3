"""Claude Code's managed settings: managed-settings.json, and managed-settings.d/*.json next to it.

`modelPricing` is read as Claude Code reads it: later files add to earlier ones, and what is invalid is ignored.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec

from exporter.model.regular_files import LARGE_BYTES, read_bounded

LOCATIONS = {
    "darwin": "/Library/Application Support/ClaudeCode/managed-settings.json",
    "win32": r"C:\Program Files\ClaudeCode\managed-settings.json",
}
DEFAULT_FILE = Path(LOCATIONS.get(sys.platform, "/etc/claude-code/managed-settings.json"))
PRICING = "modelPricing"
NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
Multiplier = Annotated[float, msgspec.Meta(gt=0, le=10)]
Rate = Annotated[float, msgspec.Meta(ge=0, le=10_000)]
Value = TypeVar("Value")


class ManagedRates(msgspec.Struct, frozen=True, rename="camel"):
    """Dollars per million tokens; cache writes for 5 minutes and for 1 hour have the same price."""

    input: Rate
    output: Rate
    cache_read: Rate
    cache_write: Rate


class ModelPricing(msgspec.Struct):
    """What all files set, with a sentence on everything that is ignored."""

    files: list[Path] = msgspec.field(default_factory=list)
    multiplier: float | None = None
    overrides: dict[str, ManagedRates] = msgspec.field(default_factory=dict)
    warnings: list[str] = msgspec.field(default_factory=list)

    def add_file(self, file: Path) -> None:
        """Add what a file sets; one that does not exist sets nothing."""
        try:
            settings = _settings(file)
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            self._ignore(f"{file} cannot be read ({error.strerror})")
        except NOT_JSON as error:
            self._ignore(f"{file} is not a JSON object ({error})")
        else:
            self._add(file, settings.get(PRICING, {}))

    def _add(self, file: Path, pricing: object) -> None:
        given = self._converted(file, PRICING, pricing, dict[str, Any])
        if not given:
            return
        self.files.append(file)
        if "multiplier" in given:
            multiplier = self._converted(file, f"{PRICING}.multiplier", given["multiplier"], Multiplier)
            self.multiplier = self.multiplier if multiplier is None else multiplier
        rows = self._converted(file, f"{PRICING}.overrides", given.get("overrides", {}), dict[str, Any])
        for name, row in (rows or {}).items():
            if rates := self._converted(file, f"{PRICING}.overrides.{name}", row, ManagedRates):
                self.overrides[name] = rates

    def _converted(self, file: Path, key: str, value: object, expected: type[Value]) -> Value | None:
        try:
            return msgspec.convert(value, expected)
        except msgspec.ValidationError as error:
            self._ignore(f"{file}: {key} is invalid ({error})")
            return None

    def _ignore(self, problem: str) -> None:
        self.warnings.append(f"{problem}; it is ignored until it is fixed.")


def read_model_pricing(file: Path) -> ModelPricing:
    """The prices that managed settings set, of which `file` is the first file."""
    pricing = ModelPricing()
    for each in managed_files(file):
        pricing.add_file(each)
    return pricing


def managed_files(file: Path) -> tuple[Path, ...]:
    """All files of managed settings, of which `file` is the first; later ones override earlier ones."""
    others = file.with_name("managed-settings.d").glob("*.json")
    return file, *sorted(path for path in others if not path.name.startswith("."))


def _settings(file: Path) -> dict[str, Any]:
    text = read_bounded(file, LARGE_BYTES).decode("utf-8-sig")
    return msgspec.json.decode(text, type=dict[str, Any]) if text.strip() else {}
