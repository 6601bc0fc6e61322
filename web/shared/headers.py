"""What every page tells the browser to refuse: scripts, frames, other servers' pictures, telling others where we were.

The few pages that need a script of ours say so.

Source: Content Security Policy Level 3; RFC 9110 §12.5.5 (Vary); Referrer Policy; Permissions Policy.
"""

from functools import lru_cache

from starlette.responses import Response

_POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; media-src 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self' {elsewhere}"
)
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "browsing-topics=(), camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@lru_cache(maxsize=2)
def page_headers(*, is_secure: bool) -> dict[str, str]:
    """Give the headers of every page. The follow box sends visitors to their own server: https, or http among tests."""
    elsewhere = "https:" if is_secure else "https: http:"
    return {"Content-Security-Policy": _POLICY.format(elsewhere=elsewhere), **_ALWAYS}


@lru_cache(maxsize=2)
def frame_headers(*, is_secure: bool) -> dict[str, str]:
    """Give the headers of the one page that may stand in a frame of another site."""
    headers = page_headers(is_secure=is_secure)
    policy = headers["Content-Security-Policy"].replace("frame-ancestors 'none'", "frame-ancestors *")
    return headers | {"Content-Security-Policy": policy, "Cross-Origin-Resource-Policy": "cross-origin"}


def let_scripts(response: Response) -> Response:
    """Let a page load the scripts that we serve as files; nothing that stands in the page itself runs."""
    return _let(response, "default-src 'none'", "default-src 'none'; script-src 'self'")


def let_ask_us(response: Response) -> Response:
    """Let a page load our scripts, and these ask this server, and no other, for more."""
    return _let(response, "default-src 'none'", "default-src 'none'; script-src 'self'; connect-src 'self'")


def let_forms_lead_to(response: Response, scheme: str) -> Response:
    """Let the forms of a page lead on to addresses of a scheme, such as that of an application on a telephone."""
    return _let(response, "form-action 'self'", f"form-action 'self' {scheme}:")


def _let(response: Response, before: str, after: str) -> Response:
    policy = response.headers["Content-Security-Policy"]
    response.headers["Content-Security-Policy"] = policy.replace(before, after, 1)
    return response
