"""Entry point of `python -m dashboards build|check`."""

from __future__ import annotations

from dashboards.command import dashboards

if __name__ == "__main__":
    dashboards(prog_name="python -m dashboards")
