"""No search reads all posts, actors or events: what the databases do when there are ten thousand of each."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from federation.context import Context
from federation.naming import Names
from models import database
from models.actor import Actor
from models.event import Event, Place
from models.post import Mention, PostTag
from server.events import agenda
from server.events.agenda import Near, Wanted
from server.follows import lookup
from server.search import posts, queries, questions, tags
from server.search.posts import Part
from server.tags import queries as tag_pages
from tests import factories
from tests.plans import copied, read_whole, whole_tables, worded
from tests.world import ORIGIN

TOTAL = 10_000
FIRST = 1_000
NAMES = Names(ORIGIN)
# Tables of which there are so many rows here, and what the statements call them. Of the others a database may read all.
LARGE = {"actor", "a", "post", "p", "post_words", "actor_words", "w", "post_tag", "t", "mention", "m"}
LARGE_AGENDA = {"post", "p", "event", "e", "event_words", "w", "place", "l"}

Ask = Callable[[Actor, Context], Awaitable[object]]


async def fill(reader: Actor, author: Actor) -> None:
    """Ten thousand actors, posts of five hundred of them and of the reader, with tags, mentions and words."""
    ids = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {TOTAL}) SELECT i + {FIRST} AS i FROM n"
    id_, host = f"i + {FIRST}", "'h' || (i % 100) || '.test'"
    uri = f"'https://far.test/users/' || (i + {FIRST})"
    await copied(
        author, TOTAL, id=id_, uri=uri, url=uri, key_uri="NULL", username="'n' || i", host=host, handle_host=host,
        is_indexable="TRUE" if database.is_postgres() else "1",
    )  # fmt: skip
    post = await factories.post(author)
    writer = f"CASE WHEN i % 50 = 0 THEN {reader.id} ELSE {FIRST} + 1 + i % 500 END"
    seen = "CASE WHEN i % 10 = 3 THEN 'followers' ELSE 'public' END"
    uri = f"'https://far.test/notes/' || (i + {FIRST})"
    await copied(post, TOTAL, id=id_, uri=uri, url=uri, actor_id=writer, visibility=seen)
    tag = await PostTag.create(post=post, name="nord", shown="Nord")
    letter = "substr('abcdefghijklmnopqrstuvwxyz', 1 + i % 26, 1)"
    await copied(tag, TOTAL, id=id_, post_id=id_, name=f"{letter} || 'tag' || (i % 500)", shown=f"{letter} || 'Tag'")
    named = await Mention.create(post=post, actor=author)
    whom = f"CASE WHEN i % 100 = 7 THEN {reader.id} ELSE {FIRST} + 1 + i % 500 END"
    await copied(named, TOTAL, id=id_, post_id=id_, actor_id=whom)
    rare = "CASE WHEN i % 100 = 0 THEN ' tractage' ELSE ' marche' END"
    await worded("post", ids, f"'reunion pont n' || i || {rare}")
    await worded("actor", ids, "'militante n' || i || CASE WHEN i % 100 = 0 THEN ' dupont' ELSE ' martin' END")
    await database.execute("ANALYZE")


def posts_with(text: str, **more: int) -> Ask:
    """Look for posts."""
    return lambda reader, ctx: posts.found(questions.read(text), reader, Part(20, **more))


def post_at(address: str, *, is_public: bool = False) -> Ask:
    """Look for a post by its address."""
    return lambda reader, ctx: queries.post_at(address, None if is_public else reader, NAMES)


ASKED: dict[str, Ask] = {
    "accounts": lambda reader, ctx: queries.actors("dupont", reader, limit=20),
    "accounts, two words": lambda reader, ctx: queries.actors("dupont n1", reader, limit=20),
    "accounts one follows": lambda reader, ctx: queries.actors("dupont", reader, limit=20, only_followed=True),
    "accounts of a host": lambda reader, ctx: queries.actors("n500@h0", reader, limit=20),
    "an account by its handle": lambda reader, ctx: lookup.known("N77@h77.test", ctx),
    "whether the public may learn of one": lambda reader, ctx: queries.may_learn_of(None, Actor(id=FIRST + 600)),
    "statuses, a rare word": posts_with("tractage"),
    "statuses, a word of all": posts_with("reunion"),
    "statuses, a word of none": posts_with("paysage"),
    "statuses, words that follow": posts_with('"reunion pont" tractage'),
    "statuses, without a word": posts_with("reunion -marche"),
    "own statuses": posts_with("from:me tractage"),
    "own statuses, without words": posts_with("from:me has:media"),
    "statuses of somebody": posts_with("tractage", author_id=FIRST + 8),
    "statuses one is named in": posts_with("tractage in:library"),
    "public indexable statuses": posts_with("tractage in:public"),
    "older statuses": posts_with("reunion", max_id=FIRST + 500),
    "statuses since a day": posts_with("tractage after:2020-05-01"),
    "a status by its address": post_at("https://far.test/notes/1500"),
    "a status by its address, for the public": post_at("https://far.test/notes/1500", is_public=True),
    "hashtags": lambda reader, ctx: tags.found("ttag4", limit=20),
    "hashtags, one letter": lambda reader, ctx: tags.found("t", limit=20),
    "whether one follows them": lambda reader, ctx: tag_pages.followed_among(reader, ["ttag4", "ttag5"]),
}


async def test_no_search_goes_through_ten_thousand_posts_or_actors(
    member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    await fill(member, remote_actor)
    assert len(await posts.found(questions.read("tractage"), member, Part(20))) == 20
    assert len(await queries.actors("dupont", member, limit=20)) == 20
    assert await tags.found("ttag4", limit=3) != []

    scans = {name: LARGE.intersection(await read_whole(ask, member, ctx)) for name, ask in ASKED.items()}

    assert {name: found for name, found in scans.items() if found} == {}
    assert await whole_tables("SELECT id FROM post WHERE content_warning = 'x'") == ["post"]  # one would be seen


async def test_no_search_goes_through_ten_thousand_events(section: Actor, remote_actor: Actor, ctx: Context) -> None:
    now, id_ = ctx.now(), f"i + {FIRST}"
    place = await Place.create(uri="https://far.test/places/0", name="Ici", latitude=45.0, longitude=3.0)
    await copied(place, TOTAL, id=id_, uri="'https://far.test/places/' || i", latitude="45 + i / 1000.0")
    post = await factories.event(section, "Réunion", starts_at=now, place=place)
    uri = "'https://lille.test/events/' || i"
    await copied(post, TOTAL, id=id_, uri=uri, url=uri)
    later = "t.{} + (i - 5000) * interval '1 hour'"  # half of the agenda is over
    if not database.is_postgres():
        later = "strftime('%Y-%m-%d %H:%M:%S', t.{}, (i - 5000) || ' hours') || '+00:00'"
    times = {name: later.format(name) for name in ("starts_at", "ends_at")}
    await copied(await Event.get(post_id=post.id), TOTAL, id=id_, post_id=id_, place_id=id_, **times)
    said = "'reunion' || CASE WHEN i % 100 = 0 THEN ' tractage' ELSE ' marche' END"
    await worded("event", f"SELECT id AS i FROM event WHERE id BETWEEN {FIRST} AND {FIRST + TOTAL}", said)
    await database.execute("ANALYZE")
    asked = {
        "all": Wanted(since=now),
        "of a month": Wanted(since=now, until=now + timedelta(days=30)),
        "of a section": Wanted(since=now, organiser=section),
        "of those one follows": Wanted(since=now, followed_by=remote_actor),
        "near": Wanted(since=now, near=Near(50.0, 3.0, 20)),
        "of here": Wanted(since=now, is_here=True),
        "with a word": Wanted(since=now, words="tractage"),
    }
    assert len(await agenda.page(asked["with a word"], None, limit=20)) == 20

    scans = {
        name: LARGE_AGENDA.intersection(await read_whole(agenda.page, wanted, None, limit=20))
        for name, wanted in asked.items()
    }

    assert {name: found for name, found in scans.items() if found} == {}
