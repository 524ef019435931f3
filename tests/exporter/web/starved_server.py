"""A server whose file descriptors run out long before its limit of connections."""

import resource
import signal
from pathlib import Path

from exporter.web.http.server import MetricsServer
from exporter.web.listen_address import parse_listen
from tests.exporter.web.conftest import SmallSite

SPARE_DESCRIPTORS = 12


def main() -> None:
    server = MetricsServer(SmallSite(), parse_listen("127.0.0.1:0"))
    signal.signal(signal.SIGTERM, lambda *_: server.stop())
    used = max(int(entry.name) for entry in Path("/dev/fd").iterdir())
    resource.setrlimit(resource.RLIMIT_NOFILE, (used + SPARE_DESCRIPTORS, used + SPARE_DESCRIPTORS))
    print(server.address, flush=True)  # noqa: T201 - how the test learns the port
    server.serve_forever()


if __name__ == "__main__":
    main()
