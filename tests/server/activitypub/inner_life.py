"""A section with something to say to its members alone, and those who would like to hear it."""

from dataclasses import dataclass, field

from federation.context import Context
from models.activity import ActivityRecord
from models.actor import Actor
from models.membership import Membership, MembershipState
from models.post import Post, Visibility
from server.posts import actions, reactions
from server.posts.actions import Draft
from server.posts.polls import DraftPoll, vote
from server.posts.queries import one
from server.sections import membership
from tests import factories
from tests.federation.submitting import submit
from tests.world import World

SECRET = "huisclos"
TAG = "entrenous"
COMRADE = "https://far.test/users/noor"
OUTSIDER = "https://elsewhere.test/users/max"
LEAVER = "https://third.test/users/ines"
SERVER_OF_LEAVER = "https://third.test/actor"
INNER = Visibility.SECTION


@dataclass
class InnerLife:
    """A section; `member` and `comrade` (who lives elsewhere) belong to it, `former` and `leaver` (elsewhere) did.

    `outsider` (elsewhere) and `former` follow the section and its member. `uris` name what was only for members.
    """

    section: Actor
    member: Actor
    former: Actor
    comrade: Actor
    outsider: Actor
    leaver: Actor
    uris: list[str] = field(default_factory=list)
    open_post: Post | None = None
    heard_post: Post | None = None


async def begin(section: Actor, member: Actor, former: Actor, ctx: Context, world: World) -> InnerLife:
    """Have them meet, join, follow, and publish what is for everybody."""
    comrade = await factories.remote_actor(ctx, world, COMRADE)
    outsider = await factories.remote_actor(ctx, world, OUTSIDER)
    leaver = await factories.remote_actor(ctx, world, LEAVER)
    world.serve(factories.actor_document(SERVER_OF_LEAVER, kind="Application"))
    for belonging in (member, former):
        await membership.add(section, belonging)
    for belonging in (comrade, leaver):
        await Membership.create(group=section, member=belonging, state=MembershipState.ACCEPTED)
    for follower in (former, outsider):
        await factories.follow(follower, section)
        await factories.follow(follower, member)
    await factories.follow(member, outsider)
    life = InnerLife(section, member, former, comrade, outsider, leaver)
    life.open_post = await actions.publish(member, Draft("Bonjour à tous #lille"), ctx)
    await actions.publish(section, Draft("Réunion publique"), ctx)
    await submit(factories.create(OUTSIDER, inReplyTo=life.open_post.uri), outsider, ctx)
    life.heard_post = await Post.get(uri=f"{OUTSIDER}/notes/1")
    return life


async def speak(life: InnerLife, ctx: Context) -> None:
    """Have the members say everything to each other that can be said; whoever is named in it does not belong by that."""
    names = "@ali @max@elsewhere.test @ines@third.test"
    asked = Draft(f"{SECRET} ? #{TAG}", INNER, poll=DraftPoll([f"{SECRET} oui", "non"], 3600))
    news = await actions.publish(life.section, asked, ctx)
    said = await actions.publish(life.member, Draft(f"{SECRET} {names}", INNER, section=life.section), ctx)
    for parent in (life.open_post, life.heard_post):
        draft = Draft(f"{SECRET} entre nous", INNER, in_reply_to=parent, section=life.section)
        await actions.publish(life.member, draft, ctx)
    await actions.edit(life.member, said, Draft(f"{SECRET} encore {names} #{TAG}"), ctx)
    doomed = await actions.publish(life.member, Draft(f"{SECRET} oublié", INNER, section=life.section), ctx)
    await actions.delete(life.member, doomed, ctx)
    await _answer_from_elsewhere(life, said, ctx)
    view = await one(news.id, life.member)
    assert view is not None
    await vote(life.member, view, [0], ctx)
    await actions.like(life.member, news, ctx)
    await reactions.react(life.member, news, "👍", ctx)
    life.uris = [str(uri) for uri in await Post.filter(visibility=INNER).values_list("uri", flat=True)] + [doomed.uri]
    life.uris += [
        str(uri)
        for uri in await ActivityRecord.filter(is_local=True, object_uri__in=life.uris).values_list("uri", flat=True)
    ]
    about = await ActivityRecord.filter(is_local=True, type="Announce", object_uri__startswith=COMRADE)
    life.uris += [record.uri for record in about]


async def _answer_from_elsewhere(life: InnerLife, said: Post, ctx: Context) -> None:
    """Have the member elsewhere answer, and react; she addresses followers of ours too, who are not meant by it."""
    assert life.open_post is not None
    assert life.section.members_uri is not None
    assert life.member.followers_uri is not None
    to, names = [life.section.members_uri], [life.section.uri, life.member.followers_uri, OUTSIDER]
    for number, parent in enumerate((said.uri, life.open_post.uri)):
        more = {"inReplyTo": parent, "to": to, "cc": names, "content": f"<p>{SECRET}</p>"}
        await submit(factories.create(COMRADE, number, **more), life.comrade, ctx)
        changed = factories.note(COMRADE, number, **more) | {"content": f"<p>{SECRET} mieux</p>"}
        await submit(factories.activity("Update", COMRADE, changed, number, to=to, cc=names), life.comrade, ctx)
    await submit(factories.activity("Like", COMRADE, said.uri, to=to, cc=names), life.comrade, ctx)
    emoji = factories.activity("EmojiReact", COMRADE, said.uri, to=to, cc=names, content="👍")
    await submit(emoji, life.comrade, ctx)
    answer = await Post.get(uri=f"{COMRADE}/notes/0").select_related("actor")
    draft = Draft(f"{SECRET} merci", INNER, in_reply_to=answer)
    await actions.publish(life.member, draft, ctx)


async def part(life: InnerLife, ctx: Context) -> None:
    """Have two of them leave."""
    await membership.leave(life.former, life.section, ctx)
    leave = factories.activity("Leave", LEAVER, life.section.uri, to=[life.section.uri])
    await submit(leave, life.leaver, ctx)


async def speak_again(life: InnerLife, ctx: Context) -> None:
    """Have those who still belong say more, and change and delete what they said when others did too."""
    said = await Post.filter(actor_id=life.member.id, visibility=INNER).order_by("id").first().select_related("actor")
    assert said is not None
    await actions.edit(life.member, said, Draft(f"{SECRET} toujours @max@elsewhere.test @ines@third.test"), ctx)
    await actions.delete(life.member, said, ctx)
    await actions.publish(life.section, Draft(f"{SECRET} suite", INNER), ctx)
    await actions.publish(life.member, Draft(f"{SECRET} suite @ines@third.test", INNER, section=life.section), ctx)
    to = {"to": [life.section.members_uri], "cc": [life.section.uri, LEAVER]}
    await submit(factories.create(COMRADE, 9, **to, content=f"<p>{SECRET}</p>"), life.comrade, ctx)
    await submit(factories.activity("Delete", COMRADE, f"{COMRADE}/notes/0", **to), life.comrade, ctx)
