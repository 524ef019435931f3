"""`python -m chatserver` is the command `hookmeter`."""

from chatserver.cli.main import main

main()
