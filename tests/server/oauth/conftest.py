"""Clients of the API."""

from tests.server.api import ali, app, log_in, public, zoe

__all__ = ["ali", "app", "log_in", "public", "zoe"]
