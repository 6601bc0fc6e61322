"""Clients of the API."""

from tests.server.api import ali, app, log_in, public, zoe
from tests.server.mastodon.live import live

__all__ = ["ali", "app", "live", "log_in", "public", "zoe"]
