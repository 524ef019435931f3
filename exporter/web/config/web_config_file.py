"""The current web configuration: reloaded whenever its file, or a file that it names, has changed."""

from dataclasses import dataclass
from pathlib import Path

from exporter.model.file_stamp import FileStamp, file_stamp
from exporter.model.log import logger
from exporter.model.regular_files import LARGE_BYTES, read_bounded
from exporter.web.config.tls import Tls, build_tls, tls_files
from exporter.web.config.web_config import WebConfig, parse_web_config
from exporter.web.config.web_config_format import WebConfigError

log = logger(__name__)


@dataclass(frozen=True, slots=True)
class LoadedConfig:
    """A configuration, its TLS settings, and the stamps of the files that it was loaded from."""

    config: WebConfig
    tls: Tls | None
    stamps: dict[Path, FileStamp | None]


class WebConfigFile:
    """The settings of one file; used from one thread.

    As in the exporter-toolkit, an invalid file refuses every request and handshake until it is fixed, so that a
    mistake in it never keeps a removed user or certificate valid.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._loaded = _load(path)
        self._uses_tls = self._loaded.tls is not None
        self._logged_error = ""

    def current(self) -> WebConfig:
        """The current settings. Raises WebConfigError, which is logged when its message changes."""
        return self._refreshed().config

    def current_tls(self) -> Tls | None:
        """The current TLS settings, None without TLS. Raises WebConfigError as `current` does."""
        return self._refreshed().tls if self._uses_tls else None

    def _refreshed(self) -> LoadedConfig:
        if any(file_stamp(path) != stamp for path, stamp in self._loaded.stamps.items()):
            try:
                self._loaded = self._checked(_load(self._path))
            except WebConfigError as error:
                self._log_once(str(error))
                raise
        self._logged_error = ""
        return self._loaded

    def _checked(self, loaded: LoadedConfig) -> LoadedConfig:
        if (loaded.tls is not None) != self._uses_tls:
            raise WebConfigError(f"{self._path}: tls_server_config: it was added or removed; restart hookmeter.")
        return loaded

    def _log_once(self, message: str) -> None:
        if message != self._logged_error:
            log.error("all requests are refused: %s", message)
        self._logged_error = message


def _load(path: Path) -> LoadedConfig:
    stamps = {path: file_stamp(path)}  # before reading, so that a change in between is noticed the next time
    try:
        config = parse_web_config(read_bounded(path, LARGE_BYTES).decode())
        if config.tls is None:
            return LoadedConfig(config, None, stamps)
        stamps |= {file: file_stamp(file) for file in tls_files(config.tls, path.parent)}
        return LoadedConfig(config, build_tls(config.tls, path.parent), stamps)
    except OSError as error:
        raise WebConfigError(
            f"{path}: it cannot be read ({error.strerror});"
            " fix its permissions, or name another file with --web.config.file."
        ) from None
    except UnicodeDecodeError:
        raise WebConfigError(f"{path}: it is not UTF-8; save it as UTF-8.") from None
    except WebConfigError as error:
        raise WebConfigError(f"{path}: {error}") from None
