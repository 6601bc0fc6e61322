"""What the documents of the corpus say, each looked up by eye and written into a table, is what we read."""

import copy
import csv
import random
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from federation.activities import parse
from federation.errors import FederationError
from federation.jsonld import Json, is_uri, load, type_of, uris_of
from federation.objects import actor as actor_object
from federation.objects import note
from federation.objects.note import ReadPost
from federation.sanitise import plain_text
from federation.uris import host_of
from federation.vocabulary import ACTIVITY_TYPES
from models.actor import Actor
from tests.server.activitypub.test_corpus import REPLACEMENTS, spots

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
TABLE = Path(__file__).parents[1] / "fixtures" / "corpus_spots.tsv"
NOW = datetime(2026, 11, 22, 18, tzinfo=UTC)
MUTATIONS = 20


def rows() -> list[dict[str, str]]:
    """The table: a line for each document."""
    with TABLE.open() as table:
        return list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))


def cases() -> list[Any]:
    """Each line as a test."""
    skipped = [] if CORPUS.is_dir() else [pytest.mark.skip(reason=f"there is no corpus at {CORPUS}")]
    return [pytest.param(row, id=row["path"], marks=skipped) for row in rows()]


def read_post(document: Json) -> ReadPost:
    """Read the post in a document: itself, or within activities around it."""
    to, cc, inner = uris_of(document.get("to")), uris_of(document.get("cc")), document
    while type_of(inner) in ACTIVITY_TYPES - {"Question"}:
        inner = inner["object"]
    author = uris_of(inner.get("attributedTo") or inner.get("actor") or document["actor"])[0]
    addressed = (*uris_of(inner.get("to")), *uris_of(inner.get("cc")))
    followers = next((uri for uri in addressed if "followers" in uri or "subscribers" in uri), None)
    return note.read(inner, Actor(uri=author, followers_uri=followers), activity_to=to, activity_cc=cc, now=NOW)


@pytest.mark.parametrize("row", cases())
def test_a_document_says_what_its_reader_saw(row: dict[str, str]) -> None:
    read = read_post(load((CORPUS / row["path"]).read_bytes()))
    columns = read.columns
    assert host_of(columns["uri"]) == row["author_host"] or "announce" in row["path"]
    assert columns["visibility"].value == row["visibility"]
    assert columns["published_at"] == (datetime.fromisoformat(row["published_at"]) if row["published_at"] else NOW)
    assert (host_of(columns["in_reply_to_uri"]) if columns["in_reply_to_uri"] else "") == row["parent_host"]
    assert " ".join(plain_text(columns["content_html"]).split()).startswith(row["text"])
    assert " ".join(columns["title"].split()).startswith(row["title"])
    assert (len(read.attachments), len(read.tags)) == (int(row["attachments"]), int(row["hashtags"]))
    assert (columns["language"] or "") == row["language"]
    assert columns["content_warning"].startswith(row["warning"])


def test_the_table_has_several_documents_of_most_programs() -> None:
    programs = [row["path"].partition("/")[0] for row in rows()]
    assert len(programs) >= 60
    assert len({program for program in programs if programs.count(program) > 1}) >= 12


@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"there is no corpus at {CORPUS}")
def test_no_document_breaks_its_reader_however_it_is_changed() -> None:
    """Every document, not a few of them: keys dropped, types swapped, things doubled, wrapped, made huge or deep."""
    for path in sorted(CORPUS.rglob("*.json")):
        document, chance = load_any(path), random.Random(path.name)
        for _ in range(MUTATIONS if document else 0):
            changed = load_any(path)
            mutate(changed, chance)
            for read in (parse, read_as_post, read_as_actor):
                with suppress(FederationError):
                    read(changed)


def read_as_actor(document: Json) -> None:
    """Read a document as an actor."""
    actor_object.read(document, now=NOW)


def read_as_post(document: Json) -> None:
    """Read a document, or the object in it, as a post by whoever it says."""
    inner = document.get("object") if isinstance(document.get("object"), dict) else document
    named = [uri for uri in uris_of(inner.get("attributedTo")) if is_uri(uri)]
    author = Actor(uri=named[0] if named else "https://far.test/users/noor", followers_uri=None)
    note.read(inner, author, activity_to=(), activity_cc=(), now=NOW)


def load_any(path: Path) -> Json:
    """Load a document; nothing where it is none."""
    try:
        return load(path.read_bytes())
    except FederationError:
        return {}


def mutate(document: Json, chance: random.Random) -> None:
    """Change a document in a few places."""
    for _ in range(chance.randint(1, 4)):
        places = spots(document)
        if not places:
            return
        inside, key = chance.choice(places)
        match chance.choice(["drop", "replace", "replace", "wrap", "double"]):
            case "drop":
                del inside[key]
            case "replace":
                inside[key] = copy.deepcopy(chance.choice(REPLACEMENTS))
            case "wrap":
                inside[key] = [inside[key]] if chance.random() < 0.5 else {"id": inside[key]}
            case "double":
                inside[key] = [inside[key], inside[key]]
