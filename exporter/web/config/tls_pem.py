"""PEM texts of the web configuration: inline, or in files."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from exporter.model.regular_files import LARGE_BYTES, read_bounded
from exporter.web.config.web_config_format import WebConfigError


@contextmanager
def pem_file(key: str, inline: str | None, name: str | None, directory: Path) -> Iterator[Path]:
    """The file of a PEM text, a temporary one if it is inline: ssl loads certificates and keys from files only."""
    if inline and name:
        raise tls_error(key, f"it is set twice; keep {key} or {key}_file")
    if inline:
        with tempfile.NamedTemporaryFile("w", encoding="ascii", errors="replace") as file:
            file.write(inline)
            file.flush()
            yield Path(file.name)
    elif name:
        read_pem(f"{key}_file", directory / name)
        yield directory / name
    else:
        raise tls_error(f"{key}_file", "it is missing; TLS needs both cert_file and key_file")


def read_pem(key: str, path: Path) -> str:
    """The text of the file that a key names. Raises WebConfigError."""
    try:
        return read_bounded(path, LARGE_BYTES).decode(errors="replace")
    except OSError as error:
        raise tls_error(key, f"{path} cannot be read ({error.strerror}); fix the path or its permissions") from None


def tls_error(key: str, problem: str) -> WebConfigError:
    """The error for a key of tls_server_config."""
    return WebConfigError(f"tls_server_config.{key}: {problem}.")
