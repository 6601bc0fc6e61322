"""Changing what an actor of ours says of itself."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation import sanitise
from federation.context import Context
from federation.objects import actor as actor_object
from models.actor import Actor
from models.follow import Follow, FollowState
from server.errors import Invalid
from server.members.profiles import ProfileChanges, document_of, edit
from tests import factories
from tests.federation.sending import sent_by
from tests.federation.submitting import submit

NOW = datetime(2026, 11, 22, tzinfo=UTC)


async def test_a_changed_profile_is_shown_and_told(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    await factories.follow(remote_actor, member)
    fields = [("Site", "https://zoe.example/a?b=1&c=2"), ("Pronoms", "elle <3"), ("", "left out")]
    changes = ProfileChanges("Zoé L.", "Bonjour\n\nici & là", fields, is_discoverable=False, is_indexable=True)

    await edit(member, changes, ctx)

    found = await Actor.get(id=member.id)
    assert (found.display_name, found.note_html) == ("Zoé L.", "<p>Bonjour</p><p>ici &amp; là</p>")
    assert (found.is_discoverable, found.is_indexable, found.approves_followers) == (False, True, False)
    site, pronouns = found.profile_fields
    assert site["name"] == "Site"
    assert 'href="https://zoe.example/a?b=1&amp;c=2"' in site["value"]
    assert 'rel="me ' in site["value"]
    assert pronouns == {"name": "Pronoms", "value": "elle &lt;3"}
    [update] = await sent_by(member)
    assert update["object"] == {k: v for k, v in (await document_of(found, ctx)).items() if k != "@context"}
    assert (update["object"]["discoverable"], update["object"]["indexable"]) == (False, True)


async def test_what_does_not_change_is_not_told(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    await factories.follow(remote_actor, member)
    await edit(member, ProfileChanges(display_name="Zoé", is_indexable=False), ctx)
    assert await sent_by(member) == []


async def test_who_waited_is_accepted_where_nobody_has_to_ask_any_more(
    member: Actor, other_member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    await edit(member, ProfileChanges(approves_followers=True), ctx)
    assert (await document_of(member, ctx))["manuallyApprovesFollowers"] is True
    asked = factories.activity("Follow", remote_actor.uri, member.uri)
    await submit(asked, remote_actor, ctx)
    assert (await Follow.get()).state is FollowState.REQUESTED
    await edit(member, ProfileChanges(approves_followers=False), ctx)
    assert (await Follow.get()).state is FollowState.ACCEPTED
    assert (await sent_by(member))[-1]["type"] == "Accept"


@pytest.mark.parametrize(
    "changes",
    [
        ProfileChanges(display_name="x" * 201),
        ProfileChanges(note="x" * 2001),
        ProfileChanges(fields=[("a", "b")] * 5),
        ProfileChanges(fields=[("a" * 256, "b")]),
        ProfileChanges(fields=[("a", "b" * 256)]),
    ],
)
async def test_what_is_too_long_changes_nothing(member: Actor, ctx: Context, changes: ProfileChanges) -> None:
    before = await Actor.get(id=member.id).values()
    with pytest.raises(Invalid):
        await edit(member, changes, ctx)
    assert await Actor.get(id=member.id).values() == before
    assert await sent_by(member) == []


async def test_another_server_reads_what_was_typed(member: Actor, ctx: Context) -> None:
    await edit(member, ProfileChanges(fields=[("Site", "https://zoe.example")]), ctx)
    columns = actor_object.read(await document_of(member, ctx), now=ctx.now())
    assert columns["profile_fields"] == member.profile_fields


# Theirs


def field(**more: Any) -> list[dict[str, str]]:
    document = factories.actor_document("https://far.test/users/noor", attachment=[more])
    fields: list[dict[str, str]] = actor_object.read(document, now=NOW)["profile_fields"]
    return fields


def test_fields_are_read_in_each_way_they_are_written() -> None:
    """Source: FEP-fb2a"""
    assert field(type="PropertyValue", name="Ville", value="Lille") == [{"name": "Ville", "value": "Lille"}]
    assert field(type="Note", name="Ville", content="Lille") == [{"name": "Ville", "value": "Lille"}]
    [link] = field(type="Link", name="Site", href="https://noor.test")
    assert 'href="https://noor.test"' in link["value"]


def test_what_is_attached_besides_fields_is_left_out() -> None:
    assert field(type="Note", content="Un mot") == []
    assert field(type="Link", name="Site", href="javascript:alert(1)") == []
    assert field(type="Image", name="Photo", url="https://noor.test/1.png") == []


def test_a_field_written_twice_is_shown_once() -> None:
    both = [
        {"type": "PropertyValue", "name": "Ville", "value": "Lille"},
        {"type": "Note", "name": "Ville", "content": "Lille"},
    ]
    document = factories.actor_document("https://far.test/users/noor", attachment=both)
    assert len(actor_object.read(document, now=NOW)["profile_fields"]) == 1


@settings(max_examples=40)
@given(st.recursive(st.none() | st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(
    st.sampled_from(["type", "name", "value", "content", "href"]), inner | st.sampled_from(["Note", "Link"])
), max_leaves=12))  # fmt: skip
def test_any_attachment_is_read(attachment: Any) -> None:
    document = factories.actor_document("https://far.test/users/noor", attachment=attachment)
    for found in actor_object.read(document, now=NOW)["profile_fields"]:
        assert found["value"] == sanitise.field_value_html(found["value"])
