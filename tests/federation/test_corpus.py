"""What other software really writes: actors, posts and activities, each read as it came."""

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from federation import pipeline
from federation.activities import Activity, parse
from federation.context import Context
from federation.errors import MalformedActivity, NotAuthorised, ObjectGone, UnsupportedActivity
from federation.jsonld import is_uri, load, type_of, uris_of
from federation.objects import actor as actor_object
from federation.objects import note, question
from federation.pipeline import Submission
from federation.vocabulary import ACTIVITY_TYPES, ACTOR_TYPES, POST_TYPES
from models.actor import Actor
from tests import factories
from tests.world import World

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
NOW = datetime(2026, 11, 22, 18, tzinfo=UTC)

# Parts of documents, and documents whose ids were blanked out by those who published them.
INCOMPLETE = {
    "emissary/sigs-x_emissary_test.go.04.json",
    "gotosocial/internal-ap-extractpubkey_test.go.01.json",
    "gotosocial/internal-ap-normalize_test.go.06.json",
    "gotosocial/internal-typeutils-internaltoas_test.go.16.json",
    "mastodon/content-en-spec-activitypub.md.14.json",
    "mastodon/content-en-spec-security.md.01.json",
    "mastodon/mastodon-application_actor.json",
}
BLANKED = "mbin/JsonSnapshots-"


def documents(types: frozenset[str]) -> list[Any]:
    """The corpus documents of these types; one that is skipped where there is no corpus."""
    if not CORPUS.is_dir():
        return [pytest.param(None, marks=pytest.mark.skip(reason=f"there is no corpus at {CORPUS}"))]
    with (CORPUS / "INDEX.tsv").open() as index:
        paths = [row["path"] for row in csv.DictReader(index, delimiter="\t")]
    paths = [path for path in paths if not path.startswith((BLANKED, "_")) and path not in INCOMPLETE]
    found = ((path, load((CORPUS / path).read_bytes())) for path in paths)
    return [pytest.param(document, id=path) for path, document in found if type_of(document) in types]


@pytest.mark.parametrize("document", documents(ACTOR_TYPES))
def test_every_actor_is_read(document: dict[str, Any]) -> None:
    row = actor_object.read(document, now=NOW)
    assert row["uri"] == document["id"]
    assert row["username"] == document["preferredUsername"]


@pytest.mark.parametrize("document", documents(ACTOR_TYPES))
def test_the_key_of_every_actor_is_its_own(document: dict[str, Any]) -> None:
    key = document.get("publicKey")
    expected = key["id"] if isinstance(key, dict) and is_uri(key["id"]) else None
    assert actor_object.read(document, now=NOW)["key_uri"] == expected


@pytest.mark.parametrize("document", documents(POST_TYPES))
def test_every_post_is_read(document: dict[str, Any]) -> None:
    named = uris_of(document.get("attributedTo") or document.get("actor") or document["id"])
    author = Actor(uri=named[0], followers_uri=None)
    read = note.read(document, author, activity_to=(), activity_cc=(), now=NOW)
    assert read.columns["uri"] == document["id"]
    assert read.columns["content_html"] or read.columns["title"] or read.attachments or not document.get("content")


@pytest.mark.parametrize("document", documents(ACTIVITY_TYPES - {"Question"}))
def test_every_activity_is_read(document: dict[str, Any]) -> None:
    activity = parse(document)
    assert activity.uri == document["id"]
    assert activity.object_uri or activity.object


async def test_every_activity_goes_down_the_path(member: Actor, ctx: Context, world: World) -> None:
    activities = [parse(case.values[0]) for case in documents(ACTIVITY_TYPES - {"Question"}) if case.values[0]]
    if not activities:
        pytest.skip(f"there is no corpus at {CORPUS}")
    activities.sort(key=lambda activity: activity.type == "Delete")  # the dead say nothing
    for uri in {activity.actor_uri for activity in activities}:
        await factories.follow(member, await factories.remote_actor(ctx, world, uri, preferredUsername="one"))

    outcomes = await pipeline.submit_many([Submission(item, item.actor_uri) for item in activities], ctx)

    refused = (MalformedActivity, NotAuthorised, ObjectGone, UnsupportedActivity)
    assert all(outcome.error is None or isinstance(outcome.error, refused) for outcome in outcomes)
    assert not [
        (outcome.activity.uri, outcome.error)
        for outcome in outcomes
        if outcome.error and _is_plain_create(outcome.activity)
    ]


def _is_plain_create(activity: Activity) -> bool:
    """Whether it creates a post of its actor, there for the taking."""
    post = activity.object or {}
    author = uris_of(post.get("attributedTo"))
    is_plain = activity.type == "Create" and type_of(post) in POST_TYPES and not question.is_vote(post)
    return is_plain and author == (activity.actor_uri,)
