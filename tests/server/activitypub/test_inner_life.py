"""Whom what is for the members of a section reaches: nobody who does not belong, whoever is named in it or follows."""

import pytest

from federation.context import Context
from federation.errors import FederationError
from models.activity import ActivityRecord
from models.actor import Actor
from models.delivery import Delivery
from models.membership import Membership, MembershipState
from models.notification import Notification
from models.post import Post
from models.timeline import HomeRow
from server.posts import actions
from server.posts.actions import Draft
from tests import factories
from tests.federation.submitting import submit
from tests.server.activitypub import inner_life
from tests.server.activitypub.asker import Asker
from tests.server.activitypub.inner_life import COMRADE, INNER, LEAVER, OUTSIDER, SECRET, InnerLife
from tests.world import ORIGIN, World


async def test_nothing_of_it_is_owed_to_anybody_who_does_not_belong(life: InnerLife, ctx: Context) -> None:
    await Delivery.all().delete()
    await inner_life.speak(life, ctx)
    owed = await Delivery.all().select_related("activity")
    assert len(owed) > 10
    assert {row.host for row in owed} == {"far.test", "third.test"}
    await inner_life.part(life, ctx)
    await Delivery.all().delete()
    await inner_life.speak_again(life, ctx)
    later = await Delivery.all().select_related("activity")
    assert {row.host for row in later} == {"far.test", "third.test"}
    [end] = [row.activity for row in later if row.host == "third.test"]  # what they were sent, they are told to delete
    assert (end.type, SECRET in end.document) == ("Delete", False)


async def test_nobody_who_does_not_belong_is_told_of_it_here(lived: InnerLife) -> None:
    inner = {int(str(id_)) for id_ in await Post.filter(visibility=INNER).values_list("id", flat=True)}
    assert not await HomeRow.filter(owner_id=lived.former.id, post_id__in=list(inner)).exists()
    assert not await Notification.filter(recipient_id=lived.former.id, post_id__in=list(inner)).exists()


async def test_who_is_named_in_it_and_never_belonged_is_not_told_of_it(
    lived: InnerLife, section: Actor, member: Actor, ctx: Context, asker: Asker
) -> None:
    ida = await factories.member(ctx, "ida", "Ida")
    await actions.publish(member, Draft(f"{SECRET} @ida", INNER, section=section), ctx)
    assert not await HomeRow.filter(owner_id=ida.id).exists()
    assert not await Notification.filter(recipient_id=ida.id).exists()


@pytest.mark.parametrize("who", [OUTSIDER, LEAVER])
async def test_nobody_else_passes_it_on_or_answers_to_it(
    lived: InnerLife, ctx: Context, world: World, who: str
) -> None:
    await Delivery.all().delete()
    records = await ActivityRecord.all().count()
    actor = await Actor.get(uri=who)
    for number, uri in enumerate(uri for uri in lived.uris if "/posts/" in uri or "/notes/" in uri):
        for kind in ("Announce", "Like", "EmojiReact", "QuoteRequest"):
            more = {"content": "👍", "instrument": f"{who}/notes/{number}", "to": [factories.PUBLIC]}
            with pytest.raises(FederationError):
                await submit(factories.activity(kind, who, uri, f"{kind}{number}", **more), actor, ctx)
    assert await Delivery.all().count() == 0
    assert await ActivityRecord.all().count() == records


async def test_whoever_belongs_cannot_show_it_to_others(lived: InnerLife, ctx: Context) -> None:
    for number, uri in enumerate(uri for uri in lived.uris if "/posts/" in uri or "/notes/" in uri):
        announce = factories.activity("Announce", COMRADE, uri, number, to=[factories.PUBLIC])
        with pytest.raises(FederationError):
            await submit(announce, lived.comrade, ctx)


async def test_who_comes_back_reads_it_again(lived: InnerLife, asker: Asker, world: World) -> None:
    await Membership.create(group=lived.section, member=lived.leaver, state=MembershipState.ACCEPTED)
    uri = next(uri for uri in lived.uris if uri.startswith(f"{ORIGIN}/posts/"))
    assert (await asker.get(uri, signer=world.signer(LEAVER))).status == 200


async def test_whom_its_author_blocks_cannot_fetch_it(lived: InnerLife, asker: Asker, world: World) -> None:
    said = await Post.filter(actor_id=lived.member.id, visibility=INNER).first()
    assert said is not None
    create = await ActivityRecord.get(type="Create", object_uri=said.uri)
    for status in (200, 404):
        for uri in (said.uri, f"{said.uri}/replies", create.uri):
            assert (await asker.get(uri, signer=world.signer(COMRADE))).status == status, uri
        if status == 200:
            await factories.block(lived.member, lived.comrade)


async def test_what_was_passed_on_to_members_goes_with_its_post(
    lived: InnerLife, asker: Asker, ctx: Context, world: World
) -> None:
    passed_on = await ActivityRecord.filter(type="Announce", actor_uri=lived.section.uri)
    carried = [record.uri for record in passed_on if f"{COMRADE}/notes/0" in record.document]
    assert len(carried) == 2
    for uri in carried:
        assert (await asker.get(uri, signer=world.signer(COMRADE))).status == 200
    await inner_life.speak_again(lived, ctx)
    statuses = []
    for uri in carried:
        reply = await asker.get(uri, signer=world.signer(COMRADE))
        assert SECRET.encode() not in reply.body
        statuses.append(reply.status)
    assert statuses == [410, 410]
