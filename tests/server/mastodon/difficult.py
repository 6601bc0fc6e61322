"""A data set of all that has ever broken a client: what other servers send, what is deleted, what has no end.

Boosts, polls, quotes in every state, emojis and people of other servers, some with nothing of their own, suspended ones,
media of unknown kinds, answers to what is gone, text from right to left, and a post of 5,000 characters.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from httpx2 import AsyncClient, Response

from federation.context import Context
from models.actor import Actor
from models.featured import FeaturedActor
from models.filters import FilterKeyword, FilterPost
from models.host import DomainRule
from models.notification import Notification, NotificationType
from models.poll import Poll
from models.post import Post, Visibility
from models.quote import Quote, QuoteState
from server.admin import terms
from server.admin.switches import Switch, turn
from server.announcements import actions as announcements
from server.push.encryption import encode
from server.push.identity import public_text
from tests import factories
from tests.federation.submitting import submit
from tests.pictures import photograph
from tests.world import World

FAR, ELSEWHERE = "https://far.test", "https://elsewhere.test"
RIGHT_TO_LEFT = "<p>مرحبا بالعالم \u200f#مدينة</p>"
EMOJI = {"type": "Emoji", "name": ":blob:", "icon": {"type": "Image", "url": f"{FAR}/blob.png"}}
BARE = {"name": "", "icon": None, "url": None}
DRESSED = {
    "name": "Noor :blob: 🎉 مرحبا",
    "summary": "<p>À <b>Lille</b></p>",
    "icon": {"type": "Image", "url": f"{FAR}/médias/é l.png".replace(" ", "%20")},
    "image": {"type": "Image", "url": f"{FAR}/banner.png"},
    "attachment": [{"type": "PropertyValue", "name": "Site", "value": f'<a href="{FAR}/">{FAR}</a>'}],
    "tag": [EMOJI],
    "manuallyApprovesFollowers": True,
}
HUNG = [
    {"type": "Document", "mediaType": "application/pdf", "url": f"{FAR}/tract.pdf"},
    {"type": "Document", "mediaType": "x-nothing/at-all", "url": f"{FAR}/unknown"},
    {"type": "Image", "url": f"{FAR}/photo.jpg", "name": "", "blurhash": "", "width": 0, "height": None},
    {"type": "Image", "url": f"{FAR}/hash.jpg", "blurhash": "not one", "focalPoint": [0.5, -2], "width": 3, "height": 7},
    {"type": "Video", "mediaType": "video/mp4", "url": f"{FAR}/film.mp4", "name": "Film"},
    {"type": "Audio", "mediaType": "audio/ogg", "url": f"{FAR}/son.ogg"},
    {"type": "Image", "url": f"{FAR}/médias/été.jpg"},
]  # fmt: skip


ALL_AT_ONCE = {"{accounts}": "account", "{statuses}": "status"}


@dataclass(frozen=True, slots=True)
class Things:
    """What is there to be asked for: the values that a placeholder of an address stands for."""

    values: Mapping[str, Sequence[str]]

    def addresses(self, pattern: str) -> list[str]:
        """Give an address for each value of the placeholder in it; {accounts} and {statuses} stand for all at once."""
        for plural, name in ALL_AT_ONCE.items():
            if plural in pattern:
                return [pattern.replace(plural, "&".join(f"id[]={value}" for value in self.values[name]))]
        for name, values in self.values.items():
            if f"{{{name}}}" in pattern:
                return [pattern.replace(f"{{{name}}}", value) for value in values]
        return [pattern]


@dataclass
class Stage:
    """Where the set is built: the client of Zoé, and everybody who plays in it."""

    zoe: AsyncClient
    member: Actor
    section: Actor
    ctx: Context
    world: World
    now: datetime
    people: dict[str, Actor] = field(default_factory=dict)
    numbers: int = 0

    async def person(self, name: str, origin: str = FAR, /, **document: Any) -> Actor:
        """Meet somebody of another server."""
        self.people[name] = await factories.remote_actor(self.ctx, self.world, f"{origin}/users/{name}", **document)
        return self.people[name]

    async def does(self, who: Actor, kind: str, object_: Any, **more: Any) -> None:
        """Have somebody of another server do something."""
        self.numbers += 1
        await submit(factories.activity(kind, who.uri, object_, self.numbers, **more), who, self.ctx)

    async def says(self, who: Actor, **note: Any) -> Post:
        """Have somebody of another server publish a note."""
        self.numbers += 1
        create = factories.create(who.uri, self.numbers, **note)
        self.world.serve(create["object"])
        await submit(create, who, self.ctx)
        return await Post.get(uri=create["object"]["id"])

    async def writes(self, text: str, **more: Any) -> Post:
        """Have Zoé publish by the API."""
        answer = done(await self.zoe.post("/api/v1/statuses", json={"status": text, **more}))
        return await Post.get(id=answer["id"])


def done(answer: Response) -> Any:
    """Give what was answered, all being well."""
    assert answer.status_code == 200, answer.text
    return answer.json()


async def build(stage: Stage) -> Things:
    """Build it all, and name what is there."""
    await _meet(stage)
    own = await _write(stage)
    await _receive(stage, own)
    await _quote(stage, own)
    kept = await _keep(stage, own)
    await _tell(stage, own)
    await _be_suspended(stage)
    return Things(await _named(stage, kept))


async def _meet(stage: Stage) -> None:
    noor = await stage.person("noor", **DRESSED)
    for name, origin, document in (
        ("bare", ELSEWHERE, BARE), ("bot", ELSEWHERE, {"kind": "Service"}), ("group", ELSEWHERE, {"kind": "Group"}),
        ("banned", FAR, {}), ("gone", FAR, {}), ("quiet", FAR, {}), ("dead", FAR, {"memorial": True}),
        ("silent", ELSEWHERE, {}), ("asks", FAR, {}),
    ):  # fmt: skip
        await factories.follow(stage.member, await stage.person(name, origin, **document))
    await factories.follow(stage.member, noor)
    await factories.follow(noor, stage.member)
    await Actor.filter(id=stage.people["silent"].id).update(is_silenced=True)
    await Actor.filter(id=stage.people["quiet"].id).update(moved_to_uri=noor.uri)


async def _write(stage: Stage) -> Post:
    """Have Zoé write; what she wrote, to be answered."""
    own = await stage.writes("Bonjour #lille @noor@far.test :blob: https://far.test/a?b=c&d", language="fr")
    await stage.writes("é" * 5000)
    await stage.writes("שלום עולם", spoiler_text="<b>&", sensitive=True)
    picture = {"file": ("a.png", photograph("PNG"), "image/png")}
    media = done(await stage.zoe.post("/api/v2/media", files=picture, data={"description": "Une\nimage"}))
    await stage.writes("", media_ids=[media["id"]])
    await stage.writes("Quand ?", poll={"options": ["Lundi", "Mardi"], "expires_in": 600, "hide_totals": True})
    await stage.writes("@noor@far.test psst", visibility="direct")
    await stage.writes("Entre nous", visibility="private")
    done(await stage.zoe.put(f"/api/v1/statuses/{own.id}", json={"status": "Bonsoir #lille"}))
    for event in ({}, {"is_all_day": True, "capacity": 0}):
        await factories.event(stage.section, **event)
    await factories.post(stage.section, "Pour les membres", Visibility.SECTION, group=stage.section)
    return own


async def _receive(stage: Stage, own: Post) -> None:
    noor, bare = stage.people["noor"], stage.people["bare"]
    mention = {"type": "Mention", "href": stage.member.uri, "name": "@zoe@lille.test"}
    tag = {"type": "Hashtag", "name": "#مدينة", "href": f"{FAR}/tags/x"}
    await stage.says(
        noor, content=RIGHT_TO_LEFT, tag=[EMOJI, mention, tag], attachment=HUNG, summary=":blob:", sensitive=True
    )
    await stage.says(noor, content="", attachment=[HUNG[1]])
    await stage.says(noor, content="<p>Oui</p>", inReplyTo=own.uri, tag=[mention])
    await stage.says(noor, content="<p>Encore</p>", inReplyTo=f"{ELSEWHERE}/notes/deleted")
    await stage.says(bare, content="<p>psst</p>", to=[stage.member.uri], cc=[], tag=[mention])
    await stage.says(bare, type="Article", name="Un article", content="<h1>Long</h1><p>Texte</p>")
    await stage.says(bare, type="Article", name="Sans texte", content="")
    parent = await stage.writes("À supprimer")
    await stage.says(bare, content="<p>Orpheline</p>", inReplyTo=parent.uri, tag=[mention])
    done(await stage.zoe.delete(f"/api/v1/statuses/{parent.id}"))
    await _receive_polls(stage)
    await _react(stage, own)
    await factories.event(noor, "Réunion", url=f"{FAR}/events/1")


async def _receive_polls(stage: Stage) -> None:
    noor = stage.people["noor"]
    closed = (stage.now - timedelta(hours=1)).isoformat()
    for more in ({}, {"counts": (3, 4), "endTime": closed, "closed": closed}, {"votersCount": None}):
        stage.numbers += 1
        counts = more.pop("counts", (0, 0))
        question = factories.question(noor.uri, stage.numbers, counts=counts, **more)
        create = factories.activity("Create", noor.uri, question, stage.numbers, to=question["to"], cc=question["cc"])
        await submit(create, noor, stage.ctx)


async def _react(stage: Stage, own: Post) -> None:
    noor, group = stage.people["noor"], stage.people["group"]
    far = factories.note(f"{ELSEWHERE}/users/max", "1", content="<p>De loin :blob:</p>", tag=[EMOJI], attachment=HUNG)
    stage.world.serve(far)
    stage.world.serve(factories.actor_document(f"{ELSEWHERE}/users/max"))
    public = {"to": [factories.PUBLIC], "cc": [f"{noor.uri}/followers"]}
    await stage.does(noor, "Announce", far["id"], **public)
    await stage.does(group, "Announce", own.uri, **public)
    for who in (noor, group, stage.people["banned"]):
        await stage.does(who, "Like", own.uri)
        await stage.does(who, "EmojiReact", own.uri, content="🎉")
    await stage.does(noor, "EmojiReact", own.uri, content=":blob:", tag=[EMOJI])
    await stage.does(stage.people["asks"], "Follow", stage.member.uri)


async def _quote(stage: Stage, own: Post) -> None:
    """Quotes in every state: of what is there, of what is not, of what quotes itself."""
    other = await factories.post(stage.people["noor"], "Citée")
    inner = await stage.writes("Une citation", quoted_status_id=str(own.id))
    await stage.writes("Une citation d’une citation", quoted_status_id=str(inner.id))
    for state in QuoteState:
        for quoted in (other, None):
            post = await factories.post(
                stage.member, state.value, uri=f"https://lille.test/quotes/{state}-{quoted is None}"
            )
            await Quote.create(post=post, quoted=quoted, quoted_uri=other.uri, state=state)


async def _keep(stage: Stage, own: Post) -> dict[str, list[str]]:
    """Have Zoé keep one of everything; their ids."""
    zoe, noor, bare = stage.zoe, stage.people["noor"], stage.people["bare"]
    theirs = await Post.filter(actor_id=noor.id).order_by("-id").first()
    assert theirs is not None
    for verb in ("favourite", "bookmark", "reblog"):
        done(await zoe.post(f"/api/v1/statuses/{theirs.id}/{verb}"))
    done(await zoe.post(f"/api/v1/statuses/{own.id}/pin"))
    done(await zoe.post(f"/api/v1/accounts/{bare.id}/mute", json={"duration": 60}))
    done(await zoe.post(f"/api/v1/accounts/{bare.id}/unmute"))
    for name, verb in (("bot", "mute"), ("dead", "block")):
        done(await zoe.post(f"/api/v1/accounts/{stage.people[name].id}/{verb}"))
    done(await zoe.post("/api/v1/tags/lille/follow"))
    list_ = done(await zoe.post("/api/v1/lists", json={"title": "Amis"}))
    done(await zoe.post(f"/api/v1/lists/{list_['id']}/accounts", json={"account_ids": [str(noor.id)]}))
    words = [{"keyword": "loin"}, {"keyword": "oui", "whole_word": True}]
    asked = {"title": "Mots", "context": ["home", "public"], "keywords_attributes": words, "filter_action": "warn"}
    filter_ = done(await zoe.post("/api/v2/filters", json=asked))
    done(await zoe.post(f"/api/v2/filters/{filter_['id']}/statuses", json={"status_id": str(theirs.id)}))
    done(await zoe.post("/api/v1/featured_tags", json={"name": "lille"}))
    done(await zoe.post("/api/v1/domain_blocks", json={"domain": "rude.test"}))
    done(await zoe.post("/api/v1/reports", json={"account_id": str(noor.id), "status_ids": [str(theirs.id)]}))
    due_at = (stage.now + timedelta(hours=1)).isoformat()
    later = {"status": "Plus tard", "scheduled_at": due_at, "poll": {"options": ["a", "b"], "expires_in": 600}}
    scheduled = [
        done(await zoe.post("/api/v1/statuses", json=one)) for one in (later, {"status": "x", "scheduled_at": due_at})
    ]
    media = done(await zoe.post("/api/v2/media", files={"file": ("a.png", photograph("PNG"), "image/png")}))
    marks = {"home": {"last_read_id": str(own.id)}, "notifications": {"last_read_id": "1"}}
    done(await zoe.post("/api/v1/markers", json=marks))
    await _subscribe(stage)
    await _say_at_large(stage)
    await DomainRule.create(domain="blocked.test", public_comment="Insultes")
    return {
        "list": [list_["id"]], "filter": [filter_["id"]], "media": [media["id"]],
        "scheduled": [row["id"] for row in scheduled],
    }  # fmt: skip


async def _say_at_large(stage: Stage) -> None:
    """What the server as a whole makes known, and whom Zoé recommends."""
    for name in ("noor", "bare", "group"):
        await FeaturedActor.create(actor=stage.member, featured=stage.people[name])
    for text in ("Bienvenue", "أهلا وسهلا\n\nhttps://lille.test/"):
        row = await announcements.write(text, None, stage.now + timedelta(days=1), stage.ctx)
    await announcements.put_away(row, stage.member)
    await announcements.react(row, stage.member, "🎉")
    await terms.publish("Soyez gentils.", date(2026, 1, 1))
    for switch in (Switch.PEERS, Switch.ACTIVITY):
        await turn(switch, on=True)


async def _subscribe(stage: Stage) -> None:
    public = public_text(ec.generate_private_key(ec.SECP256R1()))
    keys = {"p256dh": public, "auth": encode(bytes(16))}
    asked = {"subscription": {"endpoint": "https://push.test/1", "keys": keys}, "data": {"alerts": {"mention": True}}}
    answer = await stage.zoe.post("/api/v1/push/subscription", json=asked)
    assert answer.status_code == 200, answer.text


async def _tell(stage: Stage, own: Post) -> None:
    """Tell Zoé of everything that anybody is ever told of, with a post and without, heard and kept apart."""
    noor = stage.people["noor"]
    for type_ in NotificationType:
        for post in (own, None):
            row = {"recipient": stage.member, "type": type_, "actor": noor, "post": post}
            await Notification.get_or_create(**row)
    for name in ("silent", "banned"):
        row = {"recipient": stage.member, "actor": stage.people[name], "post": own, "is_filtered": True}
        await Notification.create(type=NotificationType.MENTION, **row)


async def _be_suspended(stage: Stage) -> None:
    """Have those suspended, closed or without pictures who said or did something before."""
    for name in ("banned", "gone"):
        await factories.post(stage.people[name], "Avant")
    await Actor.filter(id=stage.people["banned"].id).update(is_suspended=True, display_name="", note_html="")
    await Actor.filter(id=stage.people["gone"].id).update(gone_at=stage.now)
    await Actor.filter(id=stage.people["group"].id).update(is_media_rejected=True, icon_url=f"{ELSEWHERE}/group.png")


async def _named(stage: Stage, kept: Mapping[str, list[str]]) -> dict[str, list[str]]:
    mine = {"recipient_id": stage.member.id}
    heard = await Notification.filter(**mine, is_filtered=False).all()
    posts = await Post.all().order_by("id")
    events = [post.id for post in posts if post.type == "Event"]
    return dict(kept) | {
        "account": [str(id_) for id_ in await Actor.filter(gone_at=None).values_list("id", flat=True)],
        "handle": ["zoe", "noor@far.test", "lille", "bare@elsewhere.test"],
        "status": [str(post.id) for post in posts],
        "own": [str(post.id) for post in posts if post.actor_id == stage.member.id],
        "poll": [str(id_) for id_ in [*await Poll.all().values_list("id", flat=True), *events]],
        "tag": ["lille", "مدينة"],
        "keyword": [str(id_) for id_ in await FilterKeyword.all().values_list("id", flat=True)],
        "filtered": [str(id_) for id_ in await FilterPost.all().values_list("id", flat=True)],
        "notification": [str(row.id) for row in heard],
        "group": [f"favourite-{row.post_id}" for row in heard if row.type is NotificationType.LIKE and row.post_id][:1],
        "asking": [str(row.id) for row in await Notification.filter(**mine, is_filtered=True)],
    }
