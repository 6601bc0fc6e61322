"""Reading the collections of other servers: the first few pages, and nothing that their home does not say itself.

Source: Activity Vocabulary (Collection, OrderedCollection, CollectionPage); ActivityPub §5
"""

from dataclasses import dataclass, field
from typing import Any

from federation.dereference import Dereferencer
from federation.errors import MalformedActivity, NotAuthorised
from federation.jsonld import Json, type_of, uri_of
from federation.uris import same_origin

COLLECTION_TYPES = frozenset({"Collection", "OrderedCollection", "CollectionPage", "OrderedCollectionPage"})


@dataclass(slots=True)
class Listing:
    """What a collection lists, in its order: uris, and objects as they were embedded.

    `is_whole` is false where there was more than was asked for. `document` is the collection itself, without its pages;
    `home_uri` is of the server whose word it is.
    """

    document: Json
    home_uri: str
    items: list[Any] = field(default_factory=list)
    is_whole: bool = False


async def read_collection(
    reference: Any, home_uri: str, fetch: Dereferencer, *, max_items: int, max_pages: int
) -> Listing:
    """Read a collection that is named or embedded in a document of `home_uri`'s server, which alone may speak for it.

    Raises:
        NotAuthorised: it is of another server.
        MalformedActivity: it is no collection.
        FederationError: it cannot be fetched.
    """
    node = await _open(reference, home_uri, fetch)
    listing = Listing(node, home_uri)
    following, pages = node, 0
    while True:
        listing.items += _items(following)
        reference = following.get("first") if following is node and pages == 0 else following.get("next")
        if len(listing.items) > max_items or (reference is not None and pages >= max_pages):
            break
        if reference is None:
            listing.is_whole = True
            break
        following, pages = await _open(reference, home_uri, fetch), pages + 1
    listing.items = listing.items[:max_items]
    return listing


async def _open(reference: Any, home_uri: str, fetch: Dereferencer) -> Json:
    """Give a collection or a page of it, embedded or fetched."""
    if isinstance(reference, dict) and not {"items", "orderedItems", "first"}.isdisjoint(reference):
        node = reference
    elif (uri := uri_of(reference)) is None:
        raise MalformedActivity("a collection has no address")
    elif not same_origin(uri, home_uri):
        raise NotAuthorised(f"{uri} is not of the server of {home_uri}")
    else:
        node = await fetch.document(uri)
    if type_of(node) not in COLLECTION_TYPES:
        raise MalformedActivity(f"{uri_of(node)} is no collection")
    return node


def _items(node: Json) -> list[Any]:
    value = node.get("orderedItems", node.get("items"))
    if isinstance(value, list):
        return value
    return [] if value is None else [value]
