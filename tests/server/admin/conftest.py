"""Whoever asks the API, without a login."""

from tests.server.api import app, public

__all__ = ["app", "public"]
