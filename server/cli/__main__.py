"""`python -m server.cli` is `coopole`."""

from server.cli import main

main()
