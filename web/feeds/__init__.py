"""Feeds for news readers: Atom and RSS."""
