"""Organisers show an event before they announce it, delete one, and take out a question that others have answered."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from federation.context import Context
from models.actor import Actor
from models.event import Event
from models.post import Post
from models.role import Role, SectionAct
from models.section import Section
from server.errors import Forbidden, Invalid, NotFound
from server.events import actions, organising
from server.events.drafts import EventDraft, PlaceDraft, QuestionDraft
from server.posts import actions as posts
from server.posts.actions import Draft
from server.sections import roles
from tests import factories
from tests.federation.sending import sent_by

DRAFT = EventDraft(
    "Réunion", datetime(2027, 3, 6, 19), place=PlaceDraft("Salle des fêtes"), language="fr"  # noqa: DTZ001
)  # fmt: skip


@pytest.fixture
async def editor(main_section: Section, member: Actor, ctx: Context) -> Actor:
    """Somebody who may publish in the section's name."""
    await roles.give(main_section, member, Role.EDITOR, None, ctx)
    await SectionAct.all().delete()
    return member


async def test_a_moderator_takes_an_event_down_and_announces_none(
    main_section: Section, other_member: Actor, editor: Actor, ctx: Context
) -> None:
    await roles.give(main_section, other_member, Role.MODERATOR, None, ctx)
    event = await organising.announce(main_section, editor, DRAFT, ctx)
    with pytest.raises(Forbidden):
        await organising.announce(main_section, other_member, DRAFT, ctx)
    with pytest.raises(Forbidden):
        await organising.edit(event, other_member, DRAFT, ctx)

    await organising.delete(event, other_member, ctx)

    assert not await Event.exists()
    assert (await SectionAct.get(act="delete post")).author_id == other_member.id


async def test_whoever_holds_no_role_deletes_nothing(
    main_section: Section, other_member: Actor, editor: Actor, ctx: Context
) -> None:
    event = await organising.announce(main_section, editor, DRAFT, ctx)
    with pytest.raises(Forbidden):
        await organising.delete(event, other_member, ctx)
    with pytest.raises(NotFound):
        await organising.delete(await factories.post(main_section.actor), editor, ctx)
    assert await Event.exists()


async def test_a_question_keeps_its_id_and_a_new_one_never_takes_that_of_another(section: Actor, ctx: Context) -> None:
    asked = [QuestionDraft("Une voiture ?", "yes_no"), QuestionDraft("Un régime ?")]
    event = await actions.publish(section, replace(DRAFT, questions=asked), ctx)
    before = (await actions.draft_of(event)).questions
    assert [question.id for question in before] == ["1", "2"]

    await actions.edit(section, event, replace(DRAFT, questions=[before[1]]), ctx)
    await actions.edit(section, event, replace(DRAFT, questions=[before[1], QuestionDraft("Des enfants ?")]), ctx)

    after = (await Event.get(post_id=event.id)).questions
    assert (after[0]["id"], after[0]["label"]) == ("2", "Un régime ?")
    assert after[1]["id"] not in ("1", "2")


async def test_an_id_that_the_event_does_not_know_is_not_taken(section: Actor, ctx: Context) -> None:
    event = await actions.publish(section, replace(DRAFT, questions=[QuestionDraft("Quoi ?", id="99")]), ctx)
    assert [question["id"] for question in (await Event.get(post_id=event.id)).questions] == ["1"]


async def test_what_is_shown_beforehand_is_neither_kept_nor_sent(section: Actor, stranger: Actor, ctx: Context) -> None:
    await factories.follow(stranger, section)
    draft = replace(DRAFT, text="Venez @zoe@far.test #bus", shifts=[])
    view = await actions.shown(section, draft, ctx)

    assert view.event is not None
    assert (view.post.title, view.event.event.starts_at) == ("Réunion", datetime(2027, 3, 6, 18, tzinfo=UTC))
    assert "#<span>bus</span>" in view.post.content_html
    assert not await Post.exists()
    assert await sent_by(section) == []
    with pytest.raises(Invalid):
        await actions.shown(section, replace(draft, title=""), ctx)


async def test_an_event_is_not_changed_as_a_mere_post(section: Actor, ctx: Context) -> None:
    event = await actions.publish(section, DRAFT, ctx)
    with pytest.raises(Invalid):
        await posts.edit(section, event, Draft("Autre chose"), ctx)
    assert (await Post.get(id=event.id)).title == "Réunion"
