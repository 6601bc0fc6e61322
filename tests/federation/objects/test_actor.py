"""Actors as other servers write them, and as we write ours."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation import sanitise
from federation.actors import create_local
from federation.context import Context
from federation.errors import FederationError, MalformedActivity
from federation.jsonld import is_uri
from federation.objects import actor as actor_object
from models.actor import Actor, ActorKey, ActorType
from tests import factories
from tests.federation import hostile
from tests.world import key_pair

NOW = datetime(2026, 11, 22, 18, tzinfo=UTC)
NOOR = "https://far.test/users/noor"
FULL = factories.actor_document(
    NOOR,
    url="https://far.test/@noor",
    following=f"{NOOR}/following",
    featured=f"{NOOR}/featured",
    summary="<p>Lille <script>alert(1)</script></p>",
    icon={"type": "Image", "url": "https://media.far.test/noor.png"},
    image=[{"type": "Image", "url": [{"type": "Link", "href": "https://media.far.test/head.png"}]}],
    manuallyApprovesFollowers=True,
    discoverable=False,
    indexable=True,
    published="2019-05-01T00:00:00Z",
    alsoKnownAs=["https://old.test/noor", "noor"],
    attachment=[{"type": "PropertyValue", "name": "<b>Site</b>", "value": '<a href="https://noor.test">noor</a>'}],
)


def read(document: dict[str, Any]) -> dict[str, Any]:
    return actor_object.read(document, now=NOW)


def test_an_actor_is_read_into_its_row() -> None:
    row = read(FULL)
    assert row["uri"] == NOOR
    assert row["url"] == "https://far.test/@noor"
    assert row["type"] is ActorType.PERSON
    assert (row["username"], row["handle_host"], row["display_name"]) == ("noor", "far.test", "Noor")
    assert (row["fetched_at"], row["published_at"]) == (NOW, datetime(2019, 5, 1, tzinfo=UTC))
    assert (row["approves_followers"], row["is_discoverable"], row["is_indexable"]) == (True, False, True)
    assert (row["icon_url"], row["image_url"]) == ("https://media.far.test/noor.png", "https://media.far.test/head.png")
    assert row["also_known_as"] == ["https://old.test/noor"]


def test_what_an_actor_writes_of_itself_passes_the_gate() -> None:
    row = read(FULL)
    assert row["note_html"] == "<p>Lille </p>"
    [field] = row["profile_fields"]
    assert field["name"] == "Site"
    assert 'href="https://noor.test"' in field["value"]
    assert "nofollow" in field["value"]


def test_the_shared_inbox_is_used_where_there_is_one() -> None:
    row = read(FULL)
    assert (row["inbox_uri"], row["shared_inbox_uri"]) == (f"{NOOR}/inbox", "https://far.test/inbox")
    assert (row["delivery_uri"], row["host"]) == ("https://far.test/inbox", "far.test")


@pytest.mark.parametrize(
    "endpoints", [None, "https://far.test/inbox", {}, {"sharedInbox": "nowhere"}, {"sharedInbox": None}]
)
def test_without_one_the_own_inbox_is(endpoints: Any) -> None:
    row = read(FULL | {"endpoints": endpoints})
    assert (row["shared_inbox_uri"], row["delivery_uri"]) == (None, f"{NOOR}/inbox")


def test_the_least_an_actor_must_say_is_enough() -> None:
    row = read({"id": NOOR, "type": "Service", "preferredUsername": "noor", "inbox": f"{NOOR}/inbox"})
    assert (row["url"], row["type"], row["key_uri"], row["public_key_pem"]) == (NOOR, ActorType.SERVICE, None, "")
    assert (row["approves_followers"], row["is_discoverable"], row["is_indexable"]) == (False, True, False)
    assert (row["published_at"], row["icon_url"], row["profile_fields"]) == (NOW, None, [])


@pytest.mark.parametrize(
    "change",
    [
        {"id": None}, {"id": "noor"}, {"id": ["https://far.test/users/noor"]}, {"id": "https://far .test/noor"},
        {"type": "Note"}, {"type": None}, {"type": "person"},
        {"inbox": None}, {"inbox": "inbox"}, {"inbox": "https://[far]/inbox"},
        {"preferredUsername": None}, {"preferredUsername": ""}, {"preferredUsername": " "}, {"preferredUsername": 3},
        {"preferredUsername": "noor@evil.test"}, {"preferredUsername": "a/b"}, {"preferredUsername": "a b"},
        {"preferredUsername": "a\nb"}, {"preferredUsername": "\u202enoor"}, {"preferredUsername": "a\tb"},
    ],
)  # fmt: skip
def test_what_cannot_be_an_actor_is_malformed(change: dict[str, Any]) -> None:
    with pytest.raises(MalformedActivity):
        read(FULL | change)


def test_a_key_is_taken_when_it_is_the_actors_own() -> None:
    row = read(FULL)
    assert (row["key_uri"], row["public_key_pem"]) == (f"{NOOR}#main-key", key_pair(0)[1])


@pytest.mark.parametrize(
    "key",
    [
        None,
        "https://far.test/users/noor#main-key",
        {"id": f"{NOOR}#main-key", "owner": NOOR},
        {"id": f"{NOOR}#main-key", "owner": NOOR, "publicKeyPem": 3},
        {"id": "main-key", "owner": NOOR, "publicKeyPem": "pem"},
        {"id": f"{NOOR}#main-key", "owner": "https://far.test/users/max", "publicKeyPem": "pem"},
        {"id": "https://evil.test/key", "owner": NOOR, "publicKeyPem": "pem"},
        {"id": "http://far.test/users/noor#main-key", "owner": NOOR, "publicKeyPem": "pem"},
    ],
)
def test_a_key_that_is_not_is_left_out(key: Any) -> None:
    row = read(FULL | {"publicKey": key})
    assert (row["key_uri"], row["public_key_pem"]) == (None, "")


def test_the_first_usable_key_of_several_is_taken() -> None:
    good = FULL["publicKey"]
    assert read(FULL | {"publicKey": [None, {"id": "x"}, good]})["key_uri"] == good["id"]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://user@far.test/x", 'https://far.test/"onerror="x', None]
)
def test_pictures_and_pages_at_unsafe_addresses_are_left_out(url: Any) -> None:
    row = read(FULL | {"icon": {"type": "Image", "url": url}, "url": url})
    assert (row["icon_url"], row["url"]) == (None, NOOR)


def test_fields_and_aliases_are_bounded() -> None:
    field = {"type": "PropertyValue", "name": "n", "value": "v"}
    row = read(FULL | {"attachment": [field] * 100, "alsoKnownAs": [f"https://old.test/{n}" for n in range(100)]})
    assert (len(row["profile_fields"]), len(row["also_known_as"])) == (20, 20)


def test_a_row_can_hold_whatever_was_read() -> None:
    row = read(
        FULL
        | {
            "preferredUsername": "n" * 400,
            "name": "N" * 400,
            "publicKey": FULL["publicKey"] | {"publicKeyPem": "a\x00b"},
        }
    )
    assert (len(row["username"]), len(row["display_name"])) == (255, 200)
    assert "\x00" not in row["public_key_pem"]


@settings(deadline=None)
@given(hostile.damaged(FULL) | hostile.objects)
def test_any_document_is_read_or_refused(document: dict[str, Any]) -> None:
    try:
        row = read(document)
    except FederationError:
        return
    for name, value in row.items():
        if name.endswith("_uri") and value is not None:
            assert is_uri(value), name
        if isinstance(value, str):
            assert "\x00" not in value
    assert 0 < len(row["username"]) <= 255
    assert row["note_html"] == sanitise.actor_note_html(row["note_html"])
    assert set(row) <= set(Actor._meta.fields_map)


async def test_what_we_write_of_ours_another_server_reads(ctx: Context) -> None:
    ours = await create_local(
        ctx.names, ActorType.GROUP, "lille", display_name="Lille", note_html="<p>Nord</p>", now=ctx.now()
    )
    ours.icon_url, ours.image_url = "https://lille.test/i.png", "https://lille.test/h.png"
    ours.profile_fields = [{"name": "Site", "value": "lille.test"}]
    ours.also_known_as, ours.approves_followers = ["https://old.test/lille"], True
    keys = await ActorKey.filter(actor_id=ours.id)

    row = actor_object.read(actor_object.write(ours, keys, ctx.names), now=ctx.now())

    same = (
        "uri", "url", "type", "username", "display_name", "note_html", "profile_fields", "icon_url", "image_url",
        "inbox_uri", "shared_inbox_uri", "delivery_uri", "outbox_uri", "followers_uri", "following_uri",
        "featured_uri", "key_uri", "public_key_pem", "approves_followers", "is_discoverable", "is_indexable",
        "also_known_as", "published_at", "host",
    )  # fmt: skip
    assert {name: row[name] for name in same} == {name: getattr(ours, name) for name in same}


async def test_ours_shows_both_public_keys_and_no_private_one(section: Actor, ctx: Context) -> None:
    keys = await ActorKey.filter(actor_id=section.id)
    document = actor_object.write(section, keys, ctx.names)
    assert document["publicKey"] == {
        "id": f"{section.uri}#main-key", "owner": section.uri, "publicKeyPem": section.public_key_pem,
    }  # fmt: skip
    [multikey] = document["assertionMethod"]
    assert (multikey["controller"], multikey["type"]) == (section.uri, "Multikey")
    assert multikey["publicKeyMultibase"].startswith("z6Mk")
    assert "PRIVATE" not in str(document)


@given(st.sampled_from(list(ActorType)))
def test_every_actor_type_is_known(kind: ActorType) -> None:
    assert read(FULL | {"type": kind.value})["type"] is kind


@pytest.mark.parametrize(
    ("kind", "said", "takes"),
    [("Group", True, True), ("Group", "true", False), ("Group", None, False), ("Person", True, False)],
)
def test_a_group_says_whether_its_server_takes_shared_details(kind: str, said: Any, takes: bool) -> None:
    document = factories.actor_document("https://brest.test/actors/1", kind=kind, acceptsSharedDetails=said)
    assert read(document)["takes_shared_details"] is takes


async def test_our_sections_take_shared_details_and_nobody_else_does(
    section: Actor, member: Actor, ctx: Context
) -> None:
    assert read(actor_object.write(section, [], ctx.names))["takes_shared_details"] is True
    assert "acceptsSharedDetails" not in actor_object.write(member, [], ctx.names)
