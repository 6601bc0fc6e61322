"""What a section published, for those who speak for it: all of it, and by whom as far as that is theirs to know."""

import pytest

from federation.context import Context
from models.actor import Actor
from models.post import Visibility
from models.role import Role
from models.section import Section
from server.errors import Forbidden, NotFound
from server.posts.actions import Draft
from server.sections import membership, published, roles, speaking
from tests import factories


@pytest.fixture
async def editor(main_section: Section, member: Actor, ctx: Context) -> Actor:
    """Somebody who writes for the section, and does not belong to it."""
    await roles.give(main_section, member, Role.EDITOR, None, ctx)
    return member


async def test_all_it_said_is_listed_but_what_it_said_to_one_alone(
    main_section: Section, editor: Actor, other_member: Actor, ctx: Context
) -> None:
    kinds = (Visibility.PUBLIC, Visibility.UNLISTED, Visibility.FOLLOWERS, Visibility.SECTION)
    for visibility in kinds:
        await speaking.publish(main_section, editor, Draft(visibility.value, visibility), ctx)
    await speaking.publish(main_section, None, Draft("@ali à part", Visibility.DIRECT), ctx)
    await factories.post(other_member)

    found = await published.published(main_section, editor)

    assert [one.view.post.visibility for one in found] == list(reversed(kinds))


async def test_it_is_read_page_by_page(main_section: Section, editor: Actor, ctx: Context) -> None:
    for number in range(3):
        await speaking.publish(main_section, editor, Draft(f"Message {number}"), ctx)

    newest = await published.published(main_section, editor, limit=2)
    rest = await published.published(main_section, editor, limit=2, max_id=newest[-1].view.post.id)

    assert [one.view.post.source_text for one in (*newest, *rest)] == ["Message 2", "Message 1", "Message 0"]


async def test_who_wrote_is_told_to_those_who_see_the_journal_and_to_oneself(
    main_section: Section, editor: Actor, other_member: Actor, ctx: Context
) -> None:
    ines = await factories.member(ctx, "ines", "Inès")
    await roles.give(main_section, other_member, Role.EDITOR, None, ctx)
    await roles.give(main_section, ines, Role.MANAGER, None, ctx)
    for author in (editor, other_member, None):
        await speaking.publish(main_section, author, Draft("Bonjour"), ctx)

    async def authors(by: Actor | None) -> list[str]:
        return [one.author.username if one.author else "" for one in await published.published(main_section, by)]

    assert await authors(ines) == await authors(None) == ["", "ali", "zoe"]
    assert await authors(editor) == ["", "", "zoe"]
    assert await authors(other_member) == ["", "ali", ""]


async def test_who_merely_belongs_does_not_stand_at_the_desk(main_section: Section, other_member: Actor) -> None:
    await membership.add(main_section.actor, other_member)
    with pytest.raises(Forbidden):
        await published.published(main_section, other_member)


async def test_only_its_own_posts_are_found(main_section: Section, editor: Actor, ctx: Context) -> None:
    own = await speaking.publish(main_section, editor, Draft("Bonjour"), ctx)
    aside = await speaking.publish(main_section, None, Draft("@ali à part", Visibility.DIRECT), ctx)
    theirs = await factories.post(editor)

    assert (await published.own_post(main_section, own.id)).actor == main_section.actor
    for id_ in (theirs.id, aside.id, 1):
        with pytest.raises(NotFound):
            await published.own_post(main_section, id_)
