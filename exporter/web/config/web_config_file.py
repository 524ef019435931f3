"""The web configuration file as it stands now: read again whenever it or a file that it names has changed."""

import logging
from dataclasses import dataclass
from pathlib import Path

from exporter.model.file_stamp import FileStamp, file_stamp
from exporter.web.config.tls import Tls, build_tls, tls_files
from exporter.web.config.web_config import WebConfig, parse_web_config
from exporter.web.config.web_config_format import WebConfigError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LoadedConfig:
    """A configuration, the TLS that it asks for, and what its files looked like."""

    config: WebConfig
    tls: Tls | None
    stamps: dict[Path, FileStamp | None]


class WebConfigFile:
    """One file; used from one thread.

    A broken file opens nothing: as in the exporter-toolkit, every request and handshake is refused until it is mended,
    so that a slip in the file never keeps a removed user or certificate alive.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._loaded = _load(path)
        self._uses_tls = self._loaded.tls is not None
        self._complaint = ""

    def current(self) -> WebConfig:
        """Return what the file asks for now; raises WebConfigError, which is logged once for each new sentence."""
        return self._refreshed().config

    def current_tls(self) -> Tls | None:
        """Return how to make handshakes now, None without TLS; raises WebConfigError likewise."""
        return self._refreshed().tls if self._uses_tls else None

    def _refreshed(self) -> LoadedConfig:
        if any(file_stamp(path) != stamp for path, stamp in self._loaded.stamps.items()):
            try:
                self._loaded = self._checked(_load(self._path))
            except WebConfigError as error:
                self._complain(str(error))
                raise
        self._complaint = ""
        return self._loaded

    def _checked(self, loaded: LoadedConfig) -> LoadedConfig:
        if (loaded.tls is not None) != self._uses_tls:
            raise WebConfigError(f"{self._path}: tls_server_config: it came or went; restart hookmeter to switch TLS.")
        return loaded

    def _complain(self, complaint: str) -> None:
        if complaint != self._complaint:
            logger.error("nobody is let in: %s", complaint)
        self._complaint = complaint


def _load(path: Path) -> LoadedConfig:
    stamps = {path: file_stamp(path)}  # before reading, so that a change in between is seen the next time
    try:
        config = parse_web_config(path.read_text(encoding="utf-8"))
        if config.tls is None:
            return LoadedConfig(config, None, stamps)
        stamps |= {file: file_stamp(file) for file in tls_files(config.tls, path.parent)}
        return LoadedConfig(config, build_tls(config.tls, path.parent), stamps)
    except OSError as error:
        raise WebConfigError(
            f"{path}: it cannot be read ({error.strerror}); correct the path or its permissions."
        ) from None
    except UnicodeDecodeError:
        raise WebConfigError(f"{path}: it is not UTF-8 text; save it as such.") from None
    except WebConfigError as error:
        raise WebConfigError(f"{path}: {error}") from None
