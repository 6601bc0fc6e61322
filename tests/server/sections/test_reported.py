"""Which reports are a section's: about itself, and about what is said in it. Nothing else about those who belong."""

import pytest

from federation.context import Context
from models.actor import Actor
from models.moderation import SectionReport
from models.post import Visibility
from models.section import Section
from server.posts import actions as posts
from server.posts.actions import Draft
from server.reports.actions import report
from server.sections import membership, speaking
from tests import factories
from tests.federation.submitting import submit
from tests.world import World


@pytest.fixture
async def ali(main_section: Section, other_member: Actor) -> Actor:
    """A member of ours who belongs to the section."""
    await membership.add(main_section.actor, other_member)
    return other_member


@pytest.fixture
async def arras(ctx: Context) -> Section:
    """Another section of this server."""
    actor = await factories.section(ctx, "arras", "Section d’Arras", is_main=False)
    return await Section.get(actor_id=actor.id).select_related("actor")


async def concerned() -> dict[int, list[str]]:
    return {row.section_id: row.post_uris for row in await SectionReport.all()}


async def test_the_section_itself_and_what_it_published(main_section: Section, member: Actor, ctx: Context) -> None:
    post = await speaking.publish(main_section, None, Draft("Bonjour"), ctx)
    await report(member, main_section.actor, ctx)
    assert await concerned() == {main_section.id: []}
    await SectionReport.all().delete()

    await report(member, main_section.actor, ctx, post_ids=[post.id])

    assert await concerned() == {main_section.id: [post.uri]}


async def test_what_is_for_its_members_and_nothing_else_by_the_same_author(
    main_section: Section, arras: Section, ali: Actor, member: Actor, ctx: Context
) -> None:
    await membership.add(main_section.actor, member)
    inside = await posts.publish(ali, Draft("Entre nous", Visibility.SECTION, section=main_section.actor), ctx)
    outside = await posts.publish(ali, Draft("À tout le monde"), ctx)

    await report(member, ali, ctx, post_ids=[outside.id, inside.id], comment="Il insulte")

    assert await concerned() == {main_section.id: [inside.uri]}


async def test_what_it_passes_on(
    main_section: Section, arras: Section, stranger: Actor, member: Actor, ctx: Context
) -> None:
    shown = await factories.post(stranger)
    await posts.announce(main_section.actor, shown, ctx)
    await posts.announce(arras.actor, shown, ctx)
    await posts.announce(member, shown, ctx)

    await report(member, stranger, ctx, post_ids=[shown.id])

    assert await concerned() == {main_section.id: [shown.uri], arras.id: [shown.uri]}


async def test_what_a_member_says_elsewhere_is_for_the_administrators_alone(
    main_section: Section, ali: Actor, member: Actor, ctx: Context
) -> None:
    public = await posts.publish(ali, Draft("Bonjour"), ctx)
    await report(member, ali, ctx, post_ids=[public.id])
    await report(member, ali, ctx)

    assert await concerned() == {}


async def test_what_names_the_section_and_is_not_passed_on_is_not_in_it(
    main_section: Section, stranger: Actor, member: Actor, ctx: Context
) -> None:
    naming = await factories.post(stranger, group=main_section.actor)
    await report(member, stranger, ctx, post_ids=[naming.id])

    assert await concerned() == {}


async def test_it_comes_from_other_servers_too_once(
    main_section: Section, member: Actor, ctx: Context, world: World
) -> None:
    instance = await factories.remote_actor(ctx, world, "https://far.test/actor", kind="Application")
    post = await speaking.publish(main_section, None, Draft("Bonjour"), ctx)
    theirs = await factories.post(member)
    named = [main_section.actor.uri, post.uri, theirs.uri, "https://far.test/1"]
    for _ in range(2):
        await submit(factories.activity("Flag", instance.uri, named, content="Spam"), instance, ctx)

    assert await concerned() == {main_section.id: [post.uri]}


async def test_it_stays_when_the_author_deletes_the_post(
    main_section: Section, ali: Actor, member: Actor, ctx: Context
) -> None:
    await membership.add(main_section.actor, member)
    inside = await posts.publish(ali, Draft("Entre nous", Visibility.SECTION, section=main_section.actor), ctx)
    await report(member, ali, ctx, post_ids=[inside.id])
    await posts.delete(ali, inside, ctx)

    assert await concerned() == {main_section.id: [inside.uri]}
