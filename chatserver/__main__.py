"""The command `hookmeter` as `python -m chatserver`."""

from chatserver.cli.main import main

main()
