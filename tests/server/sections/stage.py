"""What the acts of a section are done with, and what does some of them (test_permissions.py)."""

from dataclasses import dataclass
from datetime import timedelta

from federation.context import Context
from models.actor import Actor
from models.event import EventStatus
from models.ids import new_id
from models.membership import Membership, MembershipState
from models.moderation import ReportOutcome
from models.participation import Channel, Participation, ParticipationState
from models.post import Post, Visibility
from models.role import Role, RoleHolder, RoleOffer
from models.section import Section
from models.sign_up import SignUp
from server.contacts.queries import contacts_of
from server.events import actions as events
from server.events import door, organising
from server.events import people as participants
from server.events.drafts import EventDraft
from server.posts import actions as posts
from server.posts.actions import Draft
from server.sections import membership, people, profile, published, reports, roles, transfer
from server.sections import organising as together
from server.sections.profile import SectionChanges
from server.sign_up import approving
from tests import factories

PAGE = "https://visio.example/lille"


async def put(person: Actor, role: Role, section: Section) -> None:
    """Let somebody hold a role, or belong."""
    if role is Role.MEMBER:
        await Membership.create(group_id=section.actor_id, member=person, state=MembershipState.ACCEPTED)
    else:
        await RoleHolder.create(section=section, holder=person, role=role)


@dataclass(frozen=True, slots=True)
class Stage:
    """What the acts are done with."""

    section: Section
    person: Actor
    other: Actor
    post: Post
    for_members: Post
    shown: Post
    report_id: int
    ctx: Context

    async def give(self) -> object:
        """Give a role."""
        return await roles.give(self.section, self.other, Role.EDITOR, self.person, self.ctx)

    async def offer(self) -> object:
        """Offer a role."""
        return await roles.offer(self.section, self.other, Role.EDITOR, self.person, self.ctx)

    async def take_back(self) -> object:
        """Take back what somebody else offered."""
        expires_at = self.ctx.now() + roles.OFFERED_FOR
        offer = await RoleOffer.create(
            section=self.section, person=self.person, giver=self.other, role=Role.MODERATOR, expires_at=expires_at
        )
        return await roles.take_back(self.section, offer, self.person)

    async def take_away(self) -> object:
        """Take a role away."""
        await put(self.other, Role.EDITOR, self.section)
        return await roles.take_away(self.section, self.other, Role.EDITOR, self.person, self.ctx)

    async def hand_over(self) -> object:
        """Hand over what the person holds."""
        held = await RoleHolder.get_or_none(holder_id=self.person.id)
        role = held.role if held else Role.EDITOR
        return await roles.offer(self.section, self.other, role, self.person, self.ctx, is_hand_over=True)

    async def retire(self) -> object:
        """Give up what the person holds."""
        await put(self.other, Role.ANIMATOR, self.section)
        held = await RoleHolder.get_or_none(holder_id=self.person.id)
        return await roles.retire(self.section, self.person, held.role if held else Role.EDITOR, self.ctx)

    async def approve(self) -> object:
        """Let somebody in who asked."""
        await membership.ask(self.other, self.section.actor, self.ctx)
        return await membership.approve(self.section.actor, self.other, self.person, self.ctx)

    async def remove(self) -> object:
        """End somebody's membership."""
        await put(self.other, Role.MEMBER, self.section)
        return await membership.remove(self.section.actor, self.other, self.person, self.ctx)

    async def see(self) -> object:
        """See one who belongs, with what they share."""
        await put(self.other, Role.MEMBER, self.section)
        return await people.person(self.section, self.other, self.person)

    async def keep_note(self) -> object:
        """Keep a note about one who belongs."""
        await put(self.other, Role.MEMBER, self.section)
        return await people.set_note(self.section, self.other, "Aide le samedi", self.person)

    async def see_contacts(self) -> object:
        """See who left an address."""
        return await contacts_of(self.section, self.person)

    async def see_transfers(self) -> object:
        """See who moves."""
        return await transfer.waiting_at(self.section.actor, self.person, self.ctx)

    async def write_to_members(self) -> object:
        """Write to the members, in one's own name."""
        draft = Draft("Entre nous", Visibility.SECTION, section=self.section.actor)
        return await posts.publish(self.person, draft, self.ctx)

    async def list_published(self) -> object:
        """List what the section published."""
        return await published.published(self.section, self.person)

    async def count_reports(self) -> object:
        """Count the reports that wait."""
        return await reports.waiting(self.section, self.person)

    async def list_reports(self) -> object:
        """List the reports."""
        return await reports.reports(self.section, self.person)

    async def read_report(self) -> object:
        """Read a report."""
        return await reports.report(self.section, self.report_id, self.person)

    async def close_report(self) -> object:
        """Close a report."""
        return await reports.close(
            self.section, self.report_id, ReportOutcome.DEALT_WITH, self.person, self.ctx, note="Parlé à Inès"
        )

    async def change(self, changes: SectionChanges) -> object:
        """Change what the section says of itself."""
        return await profile.edit(self.section, changes, self.person, self.ctx)

    async def event(self) -> Post:
        """An event of the section, which somebody asked to come to."""
        id_ = new_id()
        event = await factories.event(self.section.actor, id=id_, uri=self.ctx.names.post(id_), online_url=PAGE)
        asked = {"state": ParticipationState.REQUESTED, "channel": Channel.REPLY}
        await Participation.create(event=event, actor=self.other, **asked)
        return event

    async def announce_event(self) -> object:
        """Announce an event."""
        draft = EventDraft("Réunion", self.ctx.now().replace(tzinfo=None) + timedelta(days=2), online_url=PAGE)
        return await organising.announce(self.section, self.person, draft, self.ctx)

    async def edit_event(self) -> object:
        """Change an event."""
        event = await self.event()
        return await organising.edit(event, self.person, await events.draft_of(event), self.ctx)

    async def call_off(self) -> object:
        """Call an event off."""
        return await organising.set_status(await self.event(), self.person, EventStatus.CANCELLED, self.ctx)

    async def ask_another_section(self) -> object:
        """Ask another section to organise an event, too."""
        amiens = await factories.section(self.ctx, "amiens", "Section d’Amiens", is_main=False)
        return await together.ask(self.section.actor, await self.event(), amiens, self.person, self.ctx)

    async def ask_who_comes(self) -> object:
        """Ask below an event who comes."""
        return await organising.ask_everybody(await self.event(), self.person, self.ctx)

    async def see_participants(self) -> object:
        """See who comes."""
        return await participants.people(await self.event(), self.person)

    async def stand_at_the_door(self) -> object:
        """Write down somebody who came."""
        return await door.add_at_door(await self.event(), "Max", self.person, self.ctx)

    async def decide_who_comes(self) -> object:
        """Let somebody come."""
        event = await self.event()
        asked = await Participation.get(event_id=event.id)
        return await participants.decide(event, asked.id, self.person, self.ctx, accept=True)

    async def export_participants(self) -> object:
        """Take the list of who comes away."""
        return await participants.exported(await self.event(), self.person)

    async def list_sign_ups(self) -> object:
        """See who wishes for an account."""
        return await approving.waiting(self.section, self.person)

    async def let_in(self) -> object:
        """Make an account that somebody wishes for."""
        return await approving.accept(self.section, await self._sign_up(), self.person, self.ctx)

    async def keep_out(self) -> object:
        """Refuse an account that somebody wishes for."""
        return await approving.refuse(self.section, await self._sign_up(), self.person, self.ctx)

    async def _sign_up(self) -> int:
        asked = {"username": "rosa", "email": "rosa@post.example", "email_fingerprint": "f", "password_hash": ""}
        return (await SignUp.create(**asked, confirmed_at=self.ctx.now())).id
