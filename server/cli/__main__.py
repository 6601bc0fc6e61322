"""`python -m server.cli` is `coopole`."""

from server.cli.commands import main

main()
