"""A whole server for the tests that walk every page: of everything that a page may show there is something.

Every text in it is asked of a Writer. The plain one writes what is wanted; another may write something hostile instead.
What was typed by members goes the way that typing goes; `tests/web/abroad.py` lets other servers send theirs.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from federation import sanitise
from federation.context import Context
from models.actor import Actor
from models.bookmark import Bookmark
from models.consent import Contact, Purpose
from models.event import Event, EventStatus, JoinMode, Organising, OrganisingState
from models.featured import FeaturedPost
from models.filters import Filter, FilterKeyword
from models.host import DomainRule
from models.lists import Listed, ReadingList
from models.member import Member, MemberRole
from models.membership import Membership, MembershipState
from models.moderation import SectionReport
from models.oauth import AccessToken, Application
from models.participation import Channel, Participation, ParticipationState, ShiftTaken
from models.passkey import Passkey
from models.post import Attachment, Post, Visibility
from models.reaction import Like
from models.role import Role, RoleOffer
from models.scheduled import ScheduledPost
from models.secrets import fingerprint
from models.section import Section
from models.session import Session
from models.sign_up import SignUp, SignUpMode
from server import notes
from server.consents import actions as consents
from server.contacts import actions as contacts
from server.events import actions as events
from server.events import by_email, calendar_links, series
from server.events.checks import Wish
from server.events.drafts import EventDraft, PlaceDraft, QuestionDraft, ShiftDraft
from server.events.recurrence import Frequency, Rule
from server.members.queries import password_mark
from server.posts.actions import Draft, publish
from server.posts.polls import DraftPoll
from server.posts.scheduled import written
from server.reports.actions import report
from server.second_step import actions as second_step
from server.sections import links, roles, speaking
from server.sign_up.mode import set_mode
from tests import factories
from tests.web.abroad import Abroad, Writer, answer_from_abroad, arrive, plainly
from tests.world import World

EMAIL = "rosa@post.example"


@dataclass
class Town:
    """Who lives there, and the values by which the addresses of its pages are filled in."""

    section: Section
    zoe: Actor
    ali: Actor
    lou: Actor
    post: Post
    event: Post
    abroad: Abroad
    values: dict[str, Any] = field(default_factory=dict)


async def build(ctx: Context, world: World, write: Writer = plainly) -> Town:
    """Build it: Zoé runs the server and answers for its section, Ali belongs to it, Lou is a member and nothing more."""
    home = await factories.section(ctx, "lille", write("Section de Lille"))
    section = await Section.get(actor_id=home.id).select_related("actor")
    await _introduce(section, write)
    zoe, ali, lou = [
        await _member(ctx, name, write, shown)
        for name, shown in (("zoe", "Zoé Lambert"), ("ali", "Ali Benali"), ("lou", "Lou"))
    ]
    await Member.filter(actor_id=zoe.id).update(role=MemberRole.ADMIN)
    await roles.found(section, zoe, ctx)
    kept = {"note": write("disponible le jeudi"), "phone": write("01 23 45"), "dues_until": "2031-07-19"}
    joined = {"state": MembershipState.ACCEPTED, "message": write("Bonjour à toute l’équipe")}
    await Membership.create(group=home, member=ali, **joined, **kept)
    await Membership.create(group=home, member=lou, uri=f"{lou.uri}/joins/1", message=write("Je viens d’arriver"))
    abroad = await arrive(ctx, world, home, ali, write)
    post = await _speak(section, zoe, ali, abroad, ctx, write)
    event = await _call(home, ctx, write)
    town = Town(section, zoe, ali, lou, post, event, abroad)
    await _answer(town, ctx, write)
    await _keep_order(town, ctx, write)
    await _settle(town, ctx, write)
    await _leave_links(town, ctx)
    return town


async def _introduce(section: Section, write: Writer) -> None:
    await Section.filter(id=section.id).update(
        place=write("Lille, Nord"), address=write("12, rue des Postes"), latitude=50.63, longitude=3.06,
        contact=write("lille@section.example"), charter=write("Nous décidons ensemble.\n\nChacun parle à son tour."),
        charter_version=1, first_colour="#c8102e", second_colour="#ffd100", shows_authors=True,
    )  # fmt: skip
    await Actor.filter(id=section.actor_id).update(
        note_html=sanitise.actor_note_html(write("<p>Nous nous réunissons chaque <strong>mardi</strong>.</p>")),
        followers_count=412,
        profile_fields=[
            {"name": write("Permanence"), "value": sanitise.field_value_html(write("Samedi, 10 h"))},
            {"name": "Site", "value": sanitise.field_value_html(write('<a href="https://site.example/">site</a>'))},
        ],
    )
    await section.refresh_from_db()
    await section.fetch_related("actor")


async def _member(ctx: Context, username: str, write: Writer, name: str) -> Actor:
    actor = await factories.member(ctx, username, write(name))
    actor.note_html = sanitise.actor_note_html(write("<p>J’habite à Fives.</p>"))
    actor.profile_fields = [{"name": write("Vélo"), "value": sanitise.field_value_html(write("oui"))}]
    await actor.save()
    address = f"{username}@post.example"
    await Member.filter(actor_id=actor.id).update(email=address, email_fingerprint=fingerprint(address))
    return actor


async def _speak(section: Section, zoe: Actor, ali: Actor, abroad: Abroad, ctx: Context, write: Writer) -> Post:
    """Publish what a section and its members publish; the post that has answers."""
    await speaking.publish(section, zoe, Draft(write("Une réunion de plus."), content_warning=write("Réunion")), ctx)
    poll = DraftPoll((write("Samedi", 50), write("Dimanche", 50)), 3600)
    await speaking.publish(section, zoe, Draft(write("Quel jour vous convient ?"), poll=poll), ctx)
    await speaking.publish(section, zoe, Draft(write("Pour vous seuls"), Visibility.SECTION), ctx)
    first = await speaking.publish(section, zoe, Draft(write("Bonjour à tous ! #nord https://site.example/a")), ctx)
    for number, (kind, url) in enumerate(abroad.files):
        await Attachment.create(post=first, position=number, media_type=kind, url=url, description=write("Un marché"),
                                width=640, height=480)  # fmt: skip
    await publish(zoe, Draft(write("Bien arrivée")), ctx)
    answer = await publish(ali, Draft(write("Merci, j’y serai"), in_reply_to=first, section=section.actor), ctx)
    await publish(ali, Draft(write("Et moi aussi"), in_reply_to=answer), ctx)
    await publish(ali, Draft(write("À lire"), quoted=first, content_warning=write("Long")), ctx)
    await answer_from_abroad(abroad.author, first, ctx, write)
    await FeaturedPost.create(actor=section.actor, post=first)
    await Like.create(uri=f"{first.uri}#like", actor=ali, post=first)
    for owner in (zoe, ali):
        await Bookmark.create(actor=owner, post=first)
        await ScheduledPost.create(
            author=owner, due_at=ctx.now() + timedelta(days=1), draft=written(Draft(write("Demain")))
        )
    return first


async def _call(home: Actor, ctx: Context, write: Writer) -> Post:
    """Announce events of every kind of state; the one that asks most of those who come."""
    starts = (ctx.now() + timedelta(days=2)).replace(tzinfo=None, minute=0)
    place = PlaceDraft(
        write("Halle au Sucre"), write("1, rue de l’Entrepôt"), "59000", write("Lille"), latitude=50.64, longitude=3.06
    )
    whole = EventDraft(
        write("Tractage au marché"), starts, starts + timedelta(hours=3), write("Venez avec vos voisins."), place=place,
        online_url="https://visio.example/salle", has_wheelchair_access=True, has_sign_language=True, capacity=20,
        most_guests=3,
        questions=(
            QuestionDraft(write("Une voiture ?"), "yes_no"),
            QuestionDraft(write("Votre quartier"), "choice", (write("Fives"), write("Moulins")), is_required=True),
            QuestionDraft(write("Autre chose ?")),
        ),
        shifts=(ShiftDraft(write("Tenir la table"), starts, starts + timedelta(hours=1), 2),),
    )  # fmt: skip
    post = await events.publish(home, whole, ctx)
    for number, changes in enumerate(
        ({"status": EventStatus.CANCELLED}, {"status": EventStatus.TENTATIVE}, {"is_all_day": True},
         {"join_mode": JoinMode.RESTRICTED}, {"join_mode": JoinMode.EXTERNAL, "external_url": "https://ailleurs.example/x"},
         {"timezone": "America/Martinique"})
    ):  # fmt: skip
        day = starts + timedelta(days=number)
        await events.publish(home, EventDraft(write("Réunion"), day, place=place, **changes), ctx)
    return post


async def _answer(town: Town, ctx: Context, write: Writer) -> None:
    """Have people come: with an account, with an address, at the door; and another section organise it, too."""
    terms = await Event.get(post_id=town.event.id).prefetch_related("shifts")
    for actor, state in ((town.ali, ParticipationState.ACCEPTED), (town.lou, ParticipationState.REQUESTED)):
        said = {"message": write("J’apporte le café"), "answers": '{"1": "yes"}', "channel": Channel.PAGE}
        row = await Participation.create(event=town.event, actor=actor, state=state, guests=1, **said)
    for shift in terms.shifts:
        await ShiftTaken.create(shift=shift, participation=row)
    asked: list[Any] = [question for question in terms.questions if question["kind"] == "choice"]
    answers = {str(question["id"]): question["choices"][0] for question in asked}
    wish = Wish(name=write("Rosa"), message=write("À samedi"), answers=answers)
    await by_email.leave_address(town.event, EMAIL, wish, ctx)
    kept = Participation.filter(event_id=town.event.id, email_fingerprint=fingerprint(EMAIL))
    [row] = await kept.select_related("event__actor")
    await by_email.confirm(row, ctx)
    town.values["answer"] = by_email.link_of(row, ctx).rpartition("/")[2]
    await Organising.create(
        uri=f"{town.event.uri}#o", event=terms, section=town.abroad.group, state=OrganisingState.ACCEPTED
    )
    theirs = await Event.get(post_id=town.abroad.event.id)
    await Organising.create(uri=f"{theirs.id}#o", event=theirs, section=town.section.actor)
    draft = EventDraft(
        write("Permanence"), (ctx.now() + timedelta(days=3)).replace(tzinfo=None), place=PlaceDraft(write("Local"))
    )
    town.values["series"] = (await series.begin(town.section.actor, draft, Rule(Frequency.WEEKLY, count=5), ctx)).id


async def _keep_order(town: Town, ctx: Context, write: Writer) -> None:
    """Have somebody report, somebody wish for an account, a role be offered, a server be blocked."""
    kept = await report(
        town.lou, town.section.actor, ctx, post_ids=[town.post.id], comment=write("La salle est fermée.")
    )
    held = await SectionReport.get(report_id=kept.id)
    await SectionReport.filter(id=held.id).update(note=write("Vu avec la mairie"))
    town.values["report"] = held.id
    soon = ctx.now() + timedelta(days=9)
    await RoleOffer.create(section=town.section, person=town.ali, role=Role.EDITOR, giver=town.zoe, expires_at=soon)
    await DomainRule.create(domain="mechant.test", public_comment=write("Spam"))
    await set_mode(SignUpMode.OPEN)
    asked = {"username": "noe", "email_fingerprint": "1", "password_hash": "", "language": "fr"}
    await SignUp.create(email="noe@post.example", reason=write("Je viens du marché"), confirmed_at=ctx.now(), **asked)
    waiting = await SignUp.create(email="eva@post.example", **asked | {"username": "eva", "email_fingerprint": "2"})
    town.values["sign_up"] = notes.sign("sign up", str(waiting.id), soon)


async def _settle(town: Town, ctx: Context, write: Writer) -> None:
    """Give each member what is theirs: lists, filters, sessions, applications, passkeys, consents."""
    for number, actor in enumerate((town.zoe, town.ali)):
        login, soon = await Member.get(actor_id=actor.id).select_related("actor"), ctx.now() + timedelta(days=9)
        kept = await ReadingList.create(owner=actor, title=write("Amis"))
        await Listed.create(list=kept, actor=town.section.actor)
        town.values[f"list of {actor.username}"] = kept.id
        filter_ = await Filter.create(owner=actor, title=write("Ennui"), contexts=["home"])
        await FilterKeyword.create(part_of=filter_, keyword=write("pluie"))
        town.values[f"filter of {actor.username}"] = filter_.id
        await Session.create(hash=f"{number:064x}", member=login, device=write("Firefox"), expires_at=soon)
        app = await Application.create(client_id=f"app{number}", client_secret_hash="", name=write("Tusky"),
                                       redirect_uris="https://tusky.example/back", scopes="read write")  # fmt: skip
        await AccessToken.create(hash=f"{number:064x}", member=login, application=app, scopes="read")
        await Passkey.create(member=login, hash=f"{number:064x}", credential="AA", public_key="AA", name=write("Clé"))
        await calendar_links.renew(login)
        await second_step.begin(login, ctx)
        town.values["calendar"] = await calendar_links.link_of(login)
    await factories.follow(town.ali, town.section.actor)
    await consents.give(town.section.actor, town.ali, Purpose.EVENTS, language="fr", by="form")
    await contacts.leave_address(town.section.actor, EMAIL, [Purpose.NEWS], ctx, name=write("Rosa"))
    contact = await Contact.get(group_id=town.section.actor_id)
    await contacts.confirm(contact, ctx)
    town.values["contact"] = contacts.link_of(contact, ctx).rpartition("/")[2]


async def _leave_links(town: Town, ctx: Context) -> None:
    """Make the links that are sent to somebody, and remember what the addresses of pages are filled in with."""
    login = await Member.get(actor_id=town.lou.id)
    for actor in (town.zoe, town.ali):
        [mine] = await Post.filter(actor_id=actor.id).order_by("id").limit(1)
        town.values[f"mine of {actor.username}"] = mine.id
    asked = {
        "client_id": "app0",
        "redirect_uri": "https://tusky.example/back",
        "response_type": "code",
        "scope": "read",
    }
    town.values |= {
        "post": town.post.id,
        "event": town.event.id,
        "section": town.section.actor_id,
        "member": town.ali.id,
        "author": town.abroad.author.id,
        "join": await links.make_link(town.section.actor, town.zoe, 5, 7, ctx),
        "password": notes.sign("password", f"{login.id}-{password_mark(login)}", ctx.now() + timedelta(hours=1)),
        "setup": "a" * 43,
        "oauth": urlencode(asked),
    }
