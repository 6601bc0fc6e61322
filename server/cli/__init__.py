"""The command line, and the processes behind `coopole serve`. commands.py lists the commands."""
