"""Whatever is changed about a signed request, nobody signed it."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.context import Context
from federation.errors import FederationError, NotAuthorised
from federation.signatures import SignedRequest
from federation.verification import KEYS, signer_uri
from models.actor import Actor
from tests import factories
from tests.world import World

INBOX = "https://lille.test/inbox"


def request_of(world: World, actor_uri: str, *, key: int = 0, url: str = INBOX) -> SignedRequest:
    return world.signed_request(actor_uri, factories.create(actor_uri), url, key=key)


texts = st.text(st.characters(codec="latin-1"), max_size=30)


@st.composite
def tampered(draw: st.DrawFn, request: SignedRequest) -> SignedRequest:
    """The same request with at least one thing that was signed changed."""
    what = draw(st.sampled_from(["method", "target", "body", "byte", *sorted(request.headers), "drop", "swap"]))
    headers = dict(request.headers)
    if what == "method":
        return replace(request, method=draw(st.sampled_from(["GET", "PUT", "DELETE", "PATCH"])))
    if what == "target":
        return replace(request, target=draw(texts.map("/{}".format).filter(lambda text: text != request.target)))
    if what == "body":
        return replace(request, body=draw(st.binary(max_size=40)))
    if what == "byte":
        place = draw(st.integers(0, len(request.body) - 1))
        flipped = bytes([request.body[place] ^ draw(st.integers(1, 255))])
        return replace(request, body=request.body[:place] + flipped + request.body[place + 1 :])
    if what == "drop":
        del headers[draw(st.sampled_from(sorted(headers)))]
    elif what == "swap":
        first, second = draw(st.permutations(sorted(headers)))[:2]
        headers[first], headers[second] = headers[second], headers[first]
    else:
        value = headers[what]
        place = draw(st.integers(0, len(value) - 1))
        headers[what] = value[:place] + draw(texts.filter(lambda text: text != value[place])) + value[place + 1 :]
    return replace(request, headers=headers)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_nothing_that_was_signed_can_be_changed(
    remote_actor: Actor, ctx: Context, world: World, data: st.DataObject
) -> None:
    KEYS.forget()
    request = request_of(world, remote_actor.uri)
    changed = data.draw(tampered(request))
    try:
        signer = await signer_uri(changed, ctx)
    except FederationError:
        return
    assert signer == remote_actor.uri
    assert _means_the_same(request, changed)


def _means_the_same(request: SignedRequest, changed: SignedRequest) -> bool:
    """Whether only the spelling of the Signature header changed, or a header that is not covered, or its case."""
    same = (changed.method, changed.target, changed.body) == (request.method, request.target, request.body)
    covered = {"host", "date", "digest", "content-type"}
    kept = all(
        changed.headers.get(name, "").strip() == request.headers[name] for name in covered & set(request.headers)
    )
    return same and kept


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    headers=st.dictionaries(
        st.sampled_from(["signature", "signature-input", "date", "host", "digest", "content-digest"]), texts
    )
)
async def test_no_made_up_headers_are_anybodys(ctx: Context, headers: dict[str, str]) -> None:
    with pytest.raises((NotAuthorised, FederationError)):
        await signer_uri(SignedRequest("POST", "/inbox", {"host": "lille.test"} | headers, b"{}"), ctx)
