"""What can go wrong between two servers.

FederationError
 ├── MalformedActivity     it cannot be read: answered 400
 ├── UnsupportedActivity   it can be read, and we know nothing to do with it: answered 202, dropped
 ├── NotAuthorised         the signer may not do this
 │    └── BadSignature     no valid signature: answered 401
 ├── RejectedByPolicy      a rule of this server says no: answered 403
 ├── ObjectGone            its home answered 404 or 410, or serves a Tombstone
 └── RemoteUnavailable     the other server, the network or a time limit: the only one tried again
"""


class FederationError(Exception):
    """Anything that goes wrong between two servers; its text is one sentence fit for a log and an answer."""


class MalformedActivity(FederationError):
    """The document cannot be read as what it claims to be."""


class UnsupportedActivity(FederationError):
    """A well-formed activity this server has no use for."""


class NotAuthorised(FederationError):
    """The actor may not do this to that object."""


class BadSignature(NotAuthorised):
    """The request carries no signature we can trust.

    `reason` is one word to count by: missing, clock, digest, key, other_server, unfit, or malformed for anything else.
    """

    def __init__(self, message: str, *, reason: str = "malformed") -> None:
        super().__init__(message)
        self.reason = reason


class RejectedByPolicy(FederationError):
    """A rule of this server refuses it: a blocked domain, a private address, a size."""


class ObjectGone(FederationError):
    """The object's home says that it exists no more, or never did.

    `is_permanent` is true for a 410 or a Tombstone, false for a 404.
    """

    def __init__(self, message: str, *, is_permanent: bool = False) -> None:
        super().__init__(message)
        self.is_permanent = is_permanent


class RemoteUnavailable(FederationError):
    """The other side may answer later: a refused connection, a time-out, a 5xx, 408 or 429.

    `retry_after_seconds` is what its Retry-After header asks for, when it does.
    """

    def __init__(self, message: str, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds
