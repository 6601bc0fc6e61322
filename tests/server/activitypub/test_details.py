"""What a member shows to a section elsewhere is given to the signature of that section, once, and to nobody else."""

from datetime import UTC, datetime

import pytest
from starlette.applications import Starlette

from federation.context import Context
from federation.signatures import Signer
from models.activity import ActivityRecord
from models.actor import Actor
from models.consent import Purpose
from models.details import SharedDetails
from models.host import SignatureScheme
from models.membership import Membership, MembershipState
from server.consents import actions as consents
from server.sections import sharing
from server.sections.sharing import Shared
from tests import factories
from tests.server.activitypub.asker import Asker, Reply
from tests.world import ORIGIN, World

GROUP = "https://brest.test/actors/1"
EMAIL, PHONE = "zoe.partage@post.example", "+33320000000"


@pytest.fixture
async def group(ctx: Context, world: World, member: Actor) -> Actor:
    """A section on another server, to which the member belongs."""
    group = await factories.remote_actor(ctx, world, GROUP, kind="Group", acceptsSharedDetails=True)
    await Membership.create(group=group, member=member, state=MembershipState.ACCEPTED, uri=f"{ORIGIN}/activities/1")
    return group


@pytest.fixture
async def uri(group: Actor, member: Actor, ctx: Context) -> str:
    """Where it is told that the member shows an e-mail address."""
    await sharing.share(member, group, Shared.EMAIL, EMAIL, ctx)
    return (await SharedDetails.get()).uri


def is_nothing(reply: Reply) -> bool:
    assert EMAIL.encode() not in reply.body
    return reply.status == 404


async def test_the_section_reads_what_is_shown_and_by_which_consent(
    asker: Asker, uri: str, group: Actor, member: Actor, world: World
) -> None:
    reply = await asker.get(uri, signer=world.signer(group.uri))

    assert (reply.status, reply.headers["cache-control"]) == (200, "private, no-store")
    assert reply.headers["content-type"] == "application/activity+json"
    assert "etag" not in reply.headers
    names = ("id", "type", "attributedTo", "audience")
    assert [reply.json[name] for name in names] == [uri, "SharedDetails", member.uri, group.uri]
    [detail] = reply.json["details"]
    assert (detail["name"], detail["value"]) == ("email", EMAIL)
    consent = (await consents.standing(group, member))[Purpose.SEND_EMAIL]
    assert (detail["consent"]["version"], detail["consent"]["content"]) == (1, consent.text.text)
    assert "quitte mon serveur" in consent.text.text


async def test_the_newer_scheme_will_do(asker: Asker, uri: str, group: Actor, world: World) -> None:
    class Newer:
        def sign(self, method: str, url: str, body: bytes | None, *, now: datetime) -> dict[str, str]:
            return world.signer(group.uri).sign(method, url, body, now=now, scheme=SignatureScheme.RFC9421)

    signer = Newer()
    assert (await asker.get(uri, signer=signer)).status == 200  # type: ignore[arg-type]
    assert (await asker.get(uri, signer=signer)).status == 429  # type: ignore[arg-type]


async def test_without_a_signature_there_is_nothing(asker: Asker, uri: str) -> None:
    reply = await asker.get(uri)
    assert is_nothing(reply)
    assert reply.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize("accept", ["text/html", "*/*", None])
async def test_there_is_no_page_of_it(asker: Asker, uri: str, accept: str | None) -> None:
    assert is_nothing(await asker.get(uri, accept=accept))


async def test_another_actor_of_the_same_server_gets_nothing(
    asker: Asker, uri: str, ctx: Context, world: World
) -> None:
    """Each with a key of its own; the server's own actor reads posts for its members, and not this."""
    others = {"https://brest.test/actor": "Application", "https://brest.test/actors/2": "Group", f"{GROUP}0": "Person"}
    for other, kind in others.items():
        await factories.remote_actor(ctx, world, other, kind=kind, key=1)
        assert is_nothing(await asker.get(uri, signer=world.signer(other, key=1)))


async def test_another_key_under_the_name_of_the_sections_gets_nothing(
    asker: Asker, uri: str, group: Actor, world: World
) -> None:
    assert is_nothing(await asker.get(uri, signer=world.signer(group.uri, key=1)))


async def test_a_strangers_server_gets_nothing_and_none_of_its_keys_is_fetched(
    asker: Asker, uri: str, stranger: Actor, world: World
) -> None:
    unmet = "https://third.test/actors/1"
    world.serve(factories.actor_document(unmet, kind="Group"))
    for other in (stranger.uri, unmet):
        assert is_nothing(await asker.get(uri, signer=world.signer(other)))
    assert world.fetched == []


async def test_the_member_and_another_section_they_belong_to_get_nothing(
    asker: Asker, uri: str, member: Actor, ctx: Context, world: World
) -> None:
    other = await factories.remote_actor(ctx, world, "https://paris.test/actors/1", kind="Group", key=1)
    await Membership.create(group=other, member=member, state=MembershipState.ACCEPTED)
    assert is_nothing(await asker.get(uri, signer=world.signer(other.uri, key=1)))
    assert is_nothing(await asker.get(uri, signer=world.signer(member.uri, key=3)))


async def test_a_section_that_the_member_left_gets_nothing(
    asker: Asker, uri: str, group: Actor, member: Actor, ctx: Context, world: World
) -> None:
    await Membership.all().delete()
    assert is_nothing(await asker.get(uri, signer=world.signer(group.uri)))
    await Membership.create(group=group, member=member, state=MembershipState.REQUESTED, email=EMAIL)
    assert is_nothing(await asker.get(uri, signer=world.signer(group.uri)))


@pytest.mark.parametrize("state", [MembershipState.REQUESTED, MembershipState.INVITED])
async def test_a_section_that_has_not_let_them_in_gets_nothing(
    asker: Asker, uri: str, group: Actor, world: World, state: MembershipState
) -> None:
    await Membership.all().update(state=state)
    assert is_nothing(await asker.get(uri, signer=world.signer(group.uri)))


async def test_when_it_is_withdrawn_there_is_nothing(
    asker: Asker, uri: str, group: Actor, member: Actor, ctx: Context, world: World
) -> None:
    await sharing.stop_sharing(member, group, Shared.EMAIL, ctx)
    assert is_nothing(await asker.get(uri, signer=world.signer(group.uri)))


async def test_each_stands_by_a_consent_of_its_own(
    asker: Asker, uri: str, group: Actor, member: Actor, ctx: Context, world: World
) -> None:
    await sharing.share(member, group, Shared.PHONE, PHONE, ctx)
    await sharing.stop_sharing(member, group, Shared.EMAIL, ctx)
    reply = await asker.get(uri, signer=world.signer(group.uri))
    assert [(detail["name"], detail["value"]) for detail in reply.json["details"]] == [("phone", PHONE)]
    assert EMAIL.encode() not in reply.body


async def test_consent_to_the_words_for_a_section_here_is_none(
    asker: Asker, uri: str, group: Actor, member: Actor, ctx: Context, world: World
) -> None:
    await sharing.stop_sharing(member, group, Shared.EMAIL, ctx)
    await consents.give(group, member, Purpose.SHARE_EMAIL, language="fr", by="form")
    await Membership.all().update(email=EMAIL)
    assert is_nothing(await asker.get(uri, signer=world.signer(group.uri)))


async def test_a_request_is_answered_once_whoever_sends_it_again(
    asker: Asker, uri: str, group: Actor, world: World
) -> None:
    asked = world.signer(group.uri).sign("GET", uri, None, now=world.now)
    assert (await asker.get(uri, **asked)).status == 200
    world.pass_time(minutes=1)
    again = await asker.get(uri, **asked)
    assert (again.status, again.headers["cache-control"]) == (429, "private, no-store")
    assert EMAIL.encode() not in again.body
    assert (await asker.get(uri, signer=world.signer(group.uri))).status == 200


async def test_one_signed_before_the_last_that_was_answered_comes_too_late(
    asker: Asker, uri: str, group: Actor, world: World
) -> None:
    kept_back = world.signer(group.uri).sign("GET", uri, None, now=world.now)
    world.pass_time(seconds=1)
    assert (await asker.get(uri, signer=world.signer(group.uri))).status == 200
    assert (await asker.get(uri, **kept_back)).status == 429
    assert (await SharedDetails.get()).signed_at == world.now.astimezone(UTC)


async def test_a_signature_for_another_address_or_server_is_none(
    asker: Asker, uri: str, group: Actor, world: World
) -> None:
    for url in (f"{uri}x", f"{uri}?x", uri.replace("lille.test", "brest.test")):
        asked = world.signer(group.uri).sign("GET", url, None, now=world.now)
        assert is_nothing(await asker.get(uri, **asked)), url


async def test_one_signed_long_ago_is_none(asker: Asker, uri: str, group: Actor, world: World) -> None:
    asked = world.signer(group.uri).sign("GET", uri, None, now=world.now)
    world.pass_time(hours=2)
    assert is_nothing(await asker.get(uri, **asked))


async def test_a_section_that_has_changed_its_key_is_asked_for_it(
    asker: Asker, uri: str, group: Actor, world: World
) -> None:
    document = factories.actor_document(GROUP, kind="Group", key=1)
    document["publicKey"]["id"] = f"{GROUP}#newer-key"
    world.serve(document)
    world.serve(document, url=f"{GROUP}#newer-key")
    signer = Signer(f"{GROUP}#newer-key", world.signer(GROUP, key=1)._private_key)
    assert (await asker.get(uri, signer=signer)).status == 200
    assert is_nothing(await asker.get(uri, signer=world.signer(GROUP)))


async def test_while_its_new_key_cannot_be_had_it_is_asked_to_come_again(
    asker: Asker, uri: str, group: Actor, world: World
) -> None:
    world.statuses[f"{GROUP}#newer-key"] = world.statuses[GROUP] = 0
    signer = Signer(f"{GROUP}#newer-key", world.signer(GROUP, key=1)._private_key)
    reply = await asker.get(uri, signer=signer)
    assert reply.status == 503
    assert EMAIL.encode() not in reply.body


async def test_a_blocked_server_gets_nothing(asker: Asker, uri: str, group: Actor, world: World) -> None:
    await factories.blocked_origin("brest.test")
    assert is_nothing(await asker.get(uri, signer=world.signer(group.uri)))


async def test_other_addresses_are_none(asker: Asker, uri: str, group: Actor, world: World) -> None:
    prefix = f"{ORIGIN}/shared-details"
    for other in (prefix, f"{prefix}/", f"{prefix}/{'A' * 43}", f"{prefix}/%00", f"{prefix}/{'A' * 500}"):
        assert is_nothing(await asker.get(other, signer=world.signer(group.uri))), other


async def test_what_a_member_elsewhere_shows_to_a_section_here_is_served_by_nobody_here(
    asker: Asker, section: Actor, remote_actor: Actor, group: Actor, world: World
) -> None:
    row = await Membership.create(group=section, member=remote_actor, state=MembershipState.ACCEPTED, email=EMAIL)
    uri = f"{ORIGIN}/shared-details/{'B' * 43}"
    await SharedDetails.create(membership=row, uri=uri)
    await consents.give(section, remote_actor, Purpose.SEND_EMAIL, language="fr", by="elsewhere")
    for signer in (None, world.signer(group.uri), world.signer(remote_actor.uri), world.signer(section.uri, key=3)):
        assert is_nothing(await asker.get(uri, signer=signer))


async def test_no_answer_is_kept(app: Starlette, asker: Asker, uri: str, group: Actor, world: World) -> None:
    reply = await asker.get(uri, signer=world.signer(group.uri))
    assert reply.status == 200
    kept = getattr(app.state, "kept_answers", None)
    assert kept is None or not kept.answers
    assert is_nothing(await asker.get(uri))


async def test_the_notice_is_no_way_to_it(asker: Asker, uri: str, group: Actor, world: World) -> None:
    record = await ActivityRecord.get(type="Update")
    assert EMAIL not in record.document
    for signer in (None, world.signer(group.uri)):
        assert EMAIL.encode() not in (await asker.get(record.uri, signer=signer)).body
