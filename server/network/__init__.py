"""The network: the sections that are bound to those of this server."""
