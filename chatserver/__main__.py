"""`python -m chatserver` is the command `hookmeter`."""

from chatserver.console import main

main()
