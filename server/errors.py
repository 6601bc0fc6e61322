"""What the person or program asking did wrong, or asked too late.

AppError
 ├── Invalid        422, the values do not make sense
 ├── Unauthorised   401, we do not know who is asking
 ├── Forbidden      403, we know, and they may not
 ├── NotFound       404
 ├── Gone           410, it was here and was deleted
 ├── Conflict       409, somebody was faster
 ├── TooSlow        408, the request did not arrive in time
 ├── TooLarge       413
 ├── TooMany        429, ask less often
 └── Unavailable    503, try again later
"""

from collections.abc import Mapping


class AppError(Exception):
    """An answer with a status and one sentence fit for the public; `headers` go with it."""

    status = 500

    def __init__(self, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.headers = dict(headers or {})


class Invalid(AppError):
    """The values sent do not make sense."""

    status = 422


class Unauthorised(AppError):
    """Nobody is logged in, or the token is no good."""

    status = 401


class Forbidden(AppError):
    """Whoever asks may not do this."""

    status = 403


class NotFound(AppError):
    """There is no such thing, or not for whoever asks."""

    status = 404


class Gone(AppError):
    """It was here and was deleted."""

    status = 410


class Conflict(AppError):
    """It is taken, or has changed meanwhile."""

    status = 409


class TooSlow(AppError):
    """The request did not arrive in time.   Source: RFC 9110 §15.5.9"""

    status = 408

    def __init__(self, message: str) -> None:
        super().__init__(message, {"Connection": "close"})


class TooLarge(AppError):
    """More than this server takes at once."""

    status = 413


class TooMany(AppError):
    """Whoever asks does so too often."""

    status = 429


class Unavailable(AppError):
    """This server cannot do it now."""

    status = 503
