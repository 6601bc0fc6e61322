"""A national office and two sections on this machine, talking by signed HTTP. `python -m demo`, or `make demo`."""
