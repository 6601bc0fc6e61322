"""Speaking in a section's name, and who did."""

import pytest

from federation.context import Context
from models.activity import ActivityRecord
from models.actor import Actor
from models.membership import Membership, MembershipState
from models.post import Post, Visibility
from models.role import Role, SectionAct
from models.section import Section
from server.errors import Forbidden, Invalid
from server.members.leaving import delete as leave_server
from server.posts.actions import Draft
from server.sections import acts, roles, speaking
from tests import factories
from tests.federation.sending import sent_by


@pytest.fixture
async def editor(main_section: Section, member: Actor, ctx: Context) -> Actor:
    """Somebody who writes for the section."""
    await roles.give(main_section, member, Role.EDITOR, None, ctx)
    await SectionAct.all().delete()
    return member


async def noted() -> list[tuple[int | None, str, str]]:
    return [(row.author_id, row.act, row.about) for row in await SectionAct.all().order_by("id")]


async def test_the_section_speaks_and_who_wrote_stays_inside(
    main_section: Section, editor: Actor, remote_actor: Actor, ctx: Context
) -> None:
    await factories.follow(remote_actor, main_section.actor)
    post = await speaking.publish(main_section, editor, Draft("Réunion samedi"), ctx)
    await speaking.edit(main_section, editor, post, Draft("Réunion dimanche"), ctx)
    await speaking.delete(main_section, editor, await Post.get(id=post.id), ctx)

    assert post.actor_id == main_section.actor_id
    assert await noted() == [(editor.id, act, post.uri) for act in ("publish", "edit post", "delete post")]
    sent = await sent_by(main_section.actor)
    assert [item["type"] for item in sent] == ["Create", "Update", "Delete"]
    for record in await ActivityRecord.all():
        for name in (editor.uri, editor.username, editor.display_name):
            assert name not in record.document


async def test_the_command_line_speaks_without_a_name(main_section: Section, ctx: Context) -> None:
    post = await speaking.publish(main_section, None, Draft("Bonjour"), ctx)
    assert await noted() == [(None, "publish", post.uri)]


async def test_a_post_that_will_not_do_is_not_noted(main_section: Section, editor: Actor, ctx: Context) -> None:
    with pytest.raises(Invalid):
        await speaking.publish(main_section, editor, Draft(" "), ctx)
    assert await noted() == []


async def test_only_the_sections_own_posts_are_changed(main_section: Section, editor: Actor, ctx: Context) -> None:
    theirs = await factories.post(editor)
    with pytest.raises(Forbidden):
        await speaking.edit(main_section, editor, theirs, Draft("Non"), ctx)
    with pytest.raises(Forbidden):
        await speaking.delete(main_section, editor, theirs, ctx)
    assert await Post.exists(id=theirs.id)
    assert await noted() == []


async def test_who_no_longer_holds_the_role_no_longer_speaks(
    main_section: Section, editor: Actor, ctx: Context
) -> None:
    await roles.retire(main_section, editor, Role.EDITOR, ctx)
    with pytest.raises(Forbidden):
        await speaking.publish(main_section, editor, Draft("Encore moi"), ctx)


async def test_the_section_speaks_to_its_members_alone(
    main_section: Section, editor: Actor, other_member: Actor, ctx: Context
) -> None:
    await Membership.create(group_id=main_section.actor_id, member=other_member, state=MembershipState.ACCEPTED)
    post = await speaking.publish(main_section, editor, Draft("Entre nous", Visibility.SECTION), ctx)
    assert await Post.visible_to(other_member).filter(id=post.id).exists()
    assert not await Post.visible_to(editor).filter(id=post.id).exists()  # who holds a role but does not belong


async def test_who_wrote_is_told_where_the_section_says_so(
    main_section: Section, editor: Actor, other_member: Actor, ctx: Context
) -> None:
    post = await speaking.publish(main_section, editor, Draft("Bonjour"), ctx)
    await roles.give(main_section, other_member, Role.EDITOR, None, ctx)
    await speaking.edit(main_section, other_member, post, Draft("Bonsoir"), ctx)
    assert await acts.shown_author(post) is None
    await Section.filter(id=main_section.id).update(shows_authors=True)
    assert await acts.shown_author(post) == editor
    assert await acts.shown_author(await factories.post(editor)) is None
    assert await acts.shown_author(await speaking.publish(main_section, None, Draft("Bonjour"), ctx)) is None
    await leave_server(editor, ctx)
    assert await acts.shown_author(post) is None


async def test_acts_are_read_in_pages(main_section: Section, editor: Actor, ctx: Context) -> None:
    for number in range(3):
        await speaking.publish(main_section, editor, Draft(f"Message {number}"), ctx)
    newest = await acts.acts_of(main_section, None, limit=2)
    assert [row.author for row in newest] == [editor, editor]
    rest = await acts.acts_of(main_section, None, max_id=newest[-1].id)
    assert len(rest) == 1
    assert rest[0].id < newest[1].id < newest[0].id
