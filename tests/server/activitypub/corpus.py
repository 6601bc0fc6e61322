"""What other software really writes, each document as its own server would POST it to us."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from federation.jsonld import is_uri, load, type_of, uri_of, uris_of
from federation.uris import same_origin
from federation.vocabulary import ACTOR_TYPES

CORPUS = Path(__file__).parents[4] / "shared" / "corpus"
NOBODY = "https://nameless.test/users/nobody"


@dataclass(frozen=True, slots=True)
class Parcel:
    """A document to POST: where it lies in the corpus, who signs it, what it is."""

    path: str
    sender: str
    kind: str
    document: dict[str, Any]


def parcels() -> list[Parcel]:
    """Every document of the corpus, wrapped; skips the test where there is no corpus."""
    if not CORPUS.is_dir():
        pytest.skip(f"there is no corpus at {CORPUS}")
    with (CORPUS / "INDEX.tsv").open() as index:
        paths = [row["path"] for row in csv.DictReader(index, delimiter="\t") if not row["path"].startswith("_")]
    assert len(paths) > 100
    return [wrap(path, load((CORPUS / path).read_bytes())) for path in paths]


def wrap(path: str, document: dict[str, Any]) -> Parcel:
    """Have an actor tell that it changed, an author that it wrote something; everything else is sent as it is."""
    kind = type_of(document) or "nothing"
    if "actor" in document:
        sender = next((uri for uri in uris_of(document["actor"]) if _has_host(uri)), NOBODY)
        return Parcel(path, sender, kind, document)
    uri = document.get("id")
    if kind in ACTOR_TYPES and isinstance(uri, str) and _has_host(uri):
        return Parcel(path, uri, f"Update {kind}", _activity("Update", uri, document))
    author = next((author for author in _authors(document) if isinstance(uri, str) and same_origin(author, uri)), None)
    if author is not None:
        return Parcel(path, author, f"Create {kind}", _activity("Create", author, document))
    return Parcel(path, NOBODY, kind, document)


def _has_host(uri: str) -> bool:
    """Whether somebody could sign for it: those who published some documents blanked their names out."""
    return same_origin(uri, uri)


def _authors(document: dict[str, Any]) -> Iterator[str]:
    """Whoever an object may be by, first the one that it names first."""
    for author in uris_of(document.get("attributedTo")):
        if is_uri(author):
            yield author
    if (actor := uri_of(document.get("actor"))) is not None:
        yield actor


def _activity(kind: str, actor: str, object_: dict[str, Any]) -> dict[str, Any]:
    document = {"id": f"{actor}#{kind.lower()}s/1", "type": kind, "actor": actor, "object": object_}
    for name in ("@context", "to", "cc"):
        if name in object_:
            document[name] = object_[name]
    return document
