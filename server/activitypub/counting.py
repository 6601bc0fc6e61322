"""A number for each signature that was verified or refused."""

from collections.abc import Iterator
from contextlib import contextmanager

from federation.errors import FederationError
from server.monitoring.metrics import count_signature


@contextmanager
def counted_signature() -> Iterator[None]:
    """Count a signature that is verified within, or refused."""
    try:
        yield
    except FederationError as error:
        count_signature(error)
        raise
    count_signature()
