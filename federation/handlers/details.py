"""What a member shows to the managers of a section on another server: an Update says that it has changed, and no more.

The section's server then reads it where it is (server/sections/copies.py), as that section and nobody else.
"""

from datetime import timedelta

from federation.activities import Activity
from federation.context import Context
from federation.errors import NotAuthorised, UnsupportedActivity
from federation.facts import DetailsChanged
from federation.handlers.handler import Effects
from federation.uris import same_origin
from models.actor import Actor
from models.details import SharedDetails
from models.errand import Errand, ErrandType
from models.membership import Membership, MembershipState

ASK_AGAIN_AFTER = timedelta(days=1)


async def authorise(activity: Activity, ctx: Context) -> None:
    """Only who belongs to a section on another server shows it anything, and tells it alone.

    Raises:
        NotAuthorised: they do not belong to it, tell others too, or name what is another's.
        UnsupportedActivity: it is for nobody who could read it.
    """
    member, group = ctx.known.actor(activity.actor_uri), _section(activity, ctx)
    if member.is_local == group.is_local:
        raise UnsupportedActivity(f"{activity.uri} is about nothing between this server and another one")
    row = await Membership.get_or_none(member_id=member.id, group_id=group.id, state=MembershipState.ACCEPTED)
    if row is None:
        raise NotAuthorised(f"{member.uri} does not belong to {group.uri}")
    uri = activity.object_uri or ""
    is_anothers = await SharedDetails.filter(uri=uri).exclude(membership_id=row.id).exists()
    if is_anothers or not same_origin(uri, member.uri):
        raise NotAuthorised(f"{member.uri} has nothing to say of {uri}")


def _section(activity: Activity, ctx: Context) -> Actor:
    """Give the one section that an activity is addressed to.

    Raises:
        NotAuthorised: there is another addressee, or none.
        UnsupportedActivity: it is no section.
    """
    if len(activity.addresses) != 1:
        raise NotAuthorised(f"{activity.uri} is not for one section alone")
    group = ctx.known.actors.get(activity.addresses[0])
    if group is None or not group.is_group:
        raise UnsupportedActivity(f"{activity.uri} is for no section")
    return group


async def concerned(activity: Activity, ctx: Context) -> str:
    """Name the member who shows something."""
    return activity.actor_uri


async def note(activity: Activity, ctx: Context) -> Effects:
    """Have it read anew, if the section is ours: what is here of it is no longer true."""
    member, group = ctx.known.actor(activity.actor_uri), _section(activity, ctx)
    if not group.is_local:
        return Effects()
    row = await Membership.get(member_id=member.id, group_id=group.id, state=MembershipState.ACCEPTED)
    uri = activity.object_uri or ""
    details, _ = await SharedDetails.get_or_create({"uri": uri}, membership=row)
    changed = {"uri": uri, "notices": details.notices + 1, "renew_at": ctx.now() + ASK_AGAIN_AFTER}
    await SharedDetails.filter(id=details.id).update(**changed)
    await Errand.ask_anew(ErrandType.DETAILS, uri, ctx.now())
    return Effects((DetailsChanged(member, group),))
