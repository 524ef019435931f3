"""`python -m exporter` is the command `hookmeter`."""

from exporter.cli import main

main()
