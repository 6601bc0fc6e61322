"""Measuring this server with fedbench: `make bench`."""
