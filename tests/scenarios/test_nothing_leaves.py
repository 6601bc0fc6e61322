"""Three servers whose every byte is kept: what says who belongs, who follows, or how to reach somebody stays where it is.

Lille has the section. Noorderlicht of Brest belongs to it. On the third server one follows it, one belonged, one is curious.
"""

import asyncio
import re
from collections.abc import Iterator

import aiohttp
import pytest

from tests.scenarios import letters, personal, rows
from tests.scenarios.conftest import NewServer
from tests.scenarios.curious import ACCEPTS, BY_NAME, Trio, start
from tests.scenarios.server import Server, eventually
from tests.scenarios.talk import arrival, follow, is_absent

SECRET, TAG = "huisclos", "entrenous"
SILENT = ("silencieuse", "discret")  # members of the section in Lille who never speak in public
PRIVATE = (*SILENT, "noorderlicht", "erwandouarn")  # those whose pages are asked for by name alone
VISITOR = "visiteuse@cachette.example"
PAGES = (
    "/", "/about", "/feed.atom", "/@lille", "/@lille.atom", "/@lille.rss", "/@zoe", "/@zoe.atom", "/@ines", "/robots.txt",
    "/tags/lille", f"/tags/{TAG}", "/nodeinfo/2.1", "/.well-known/nodeinfo", "/.well-known/host-meta", "/actor",
    "/api/v1/instance", "/api/v2/instance", "/api/v1/timelines/public", "/api/v1/accounts/lookup?acct=lille",
    "/@lille/join", "/@lille/contact", "/@lille/desk", "/@lille/desk/members", "/api/v2/search?q=lille",
    "/login", "/me", "/metrics", "/health", "/ready", f"/api/v2/search?q=%23{TAG}", "/api/v1/streaming/public",
)  # fmt: skip
OF_AN_ACTOR = (
    "", "/outbox", "/outbox?page=true", "/followers", "/following", "/featured", "/members", "/posts", "/posts?page=true",
    "/events", "/resources", "/discussions", "/todos", "/followers_synchronization", "/inbox",
)  # fmt: skip
OF_A_POST = ("", "/replies", "/replies?page=true", "/context", "/context?page=true", "/likes", "/shares")


@pytest.fixture(scope="module")
def trio(new_server: NewServer) -> Iterator[Trio]:
    """Three servers, listened to from their first byte."""
    trio = start(new_server)
    asyncio.run(live(trio))
    yield trio
    trio.ear.stop()


async def live(trio: Trio) -> None:
    """Have people join, follow, leave, speak among themselves and in public; then somebody asks for all there is."""
    lille, brest, paris = trio.servers
    lille.add_members("zoe", *SILENT)
    brest.add_members("noorderlicht", "erwandouarn")
    paris.add_members("suiveuse", "ancienne", "curieux")
    for username in ("zoe", *SILENT):
        lille.cli("section", "add-member", "lille", username)
    await follow(paris, "suiveuse", f"@lille@{lille.netloc}")
    await follow(paris, "suiveuse", f"@zoe@{lille.netloc}")
    await follow(brest, "erwandouarn", f"@lille@{lille.netloc}")
    for server, username in ((brest, "noorderlicht"), (paris, "ancienne")):
        await join(trio, server, username)
    paris.cli("section", "leave", "ancienne", f"@lille@{lille.netloc}")
    await eventually(lambda: belongs_no_more(lille, paris))
    lille.run("tests.scenarios.personal", "lille", "zoe", *SILENT)
    await leave_address(lille)
    await show_details(trio)
    await speak(trio)
    await be_curious(trio)


async def join(trio: Trio, server: Server, username: str) -> None:
    """Ask to belong to the section, and be let in."""
    server.cli("section", "join", username, f"@lille@{trio.lille.netloc}")
    handle = f"@{username}@{server.netloc}"
    asked = "SELECT m.state FROM membership m JOIN actor a ON a.id = m.member_id WHERE a.username = $1"
    await eventually(lambda: rows.query(trio.lille, asked, username))
    trio.lille.cli("section", "approve", "lille", handle)

    async def is_in() -> bool:
        return await rows.query(server, asked, username) == [("accepted",)]

    await eventually(is_in)


async def belongs_no_more(lille: Server, other: Server) -> bool:
    sql = "SELECT m.id FROM membership m JOIN actor a ON a.id = m.member_id WHERE a.host = $1"
    return await rows.query(lille, sql, other.netloc) == []


async def show_details(trio: Trio) -> None:
    """Have noorderlicht of Brest show an e-mail address and a phone number to the managers of the section in Lille."""
    section = f"@lille@{trio.lille.netloc}"
    shown = ("--email", personal.SENT_EMAIL, "--phone", personal.SENT_PHONE)
    trio.brest.cli("section", "people", "share", section, "noorderlicht", *shown)

    async def is_seen() -> bool:
        seen = trio.lille.cli("section", "people", "show", "lille", f"@noorderlicht@{trio.brest.netloc}")
        return all(word in seen for word in (personal.SENT_EMAIL, personal.SENT_PHONE))

    await eventually(is_seen)


async def leave_address(server: Server) -> None:
    """Leave an address with the section as a visitor does, and confirm it by the link that came with the letter."""
    own = BY_NAME | {"Origin": server.origin}
    async with aiohttp.ClientSession(headers=own) as session:
        typed = {"email": VISITOR, "name": "Visiteuse Cachette", "news": "yes"}
        async with session.post(f"{server.origin}/@lille/contact", data=typed) as answer:
            assert (answer.status, str(answer.url)) == (200, f"{server.origin}/contact/sent")
        [letter] = await eventually(lambda: letters.written(server))
        match = re.search(rf"{server.origin}(/contact/[\w-]+)", letter.text)
        assert match is not None, letter
        async with session.post(server.origin + match[1], data={"act": "confirm"}) as answer:
            assert VISITOR in await answer.text()


async def speak(trio: Trio) -> None:
    """Have members say to each other, in every way there is, what the others get nothing of."""
    lille, brest, paris = trio.servers
    inner = {"visibility": "section"}
    opened = await lille.post_status("Bonjour à tous #lille @lille", member="zoe")
    news = await lille.post_status(f"{SECRET} ordre du jour #{TAG}", member="zoe", **inner)
    named = f"@curieux@{paris.netloc} @ancienne@{paris.netloc} @erwandouarn@{brest.netloc}"
    await lille.post_status(f"{SECRET} {named}", member="silencieuse", **inner)
    await lille.post_status(f"{SECRET} d'accord", member="discret", in_reply_to_id=opened["id"], **inner)
    asked = {"poll": {"options": [f"{SECRET} oui", f"{SECRET} non"], "expires_in": 3600}}
    await lille.post_status(f"{SECRET} ?", member="silencieuse", **inner, **asked)
    seen = await arrival(brest, "noorderlicht", news)
    answer = await brest.post_status(f"{SECRET} merci", member="noorderlicht", in_reply_to_id=seen["id"], **inner)
    await arrival(lille, "silencieuse", answer)
    await brest.api("POST", f"/api/v1/statuses/{seen['id']}/favourite", member="noorderlicht")
    await lille.api("PUT", f"/api/v1/statuses/{news['id']}", member="zoe", status=f"{SECRET} ordre du jour, revu")
    last = await lille.post_status("Merci d'être venus @lille", member="zoe")
    for server, member in ((paris, "suiveuse"), (brest, "erwandouarn")):
        await arrival(server, member, last)
        assert await is_absent(server, member, news["uri"])


async def be_curious(trio: Trio) -> None:
    """Ask for all there is: as nobody, and by the third server's own signature."""
    lille, brest, paris = trio.servers
    async with aiohttp.ClientSession() as session:
        for server in (lille, brest):
            posts = await rows.query(server, "SELECT id FROM post WHERE is_local")
            activities = await rows.query(server, "SELECT uri FROM activity WHERE is_local")
            activities += await rows.query(server, "SELECT uri FROM shared_details")
            actors = await rows.query(server, "SELECT uri, type, username FROM actor WHERE is_local")
            targets = [server.origin + path for path in PAGES]
            targets += [uri + path for uri, _, name in actors if name not in PRIVATE for path in OF_AN_ACTOR]
            targets += [f"{server.origin}/posts/{id_}{path}" for (id_,) in posts for path in OF_A_POST]
            targets += [f"{server.origin}/api/v1/statuses/{id_}{path}" for (id_,) in posts for path in ("", "/context")]
            targets += [uri for (uri,) in activities]
            for target in targets:
                for accept in ACCEPTS:
                    async with session.get(target, headers={"Accept": accept}) as answer:
                        await answer.read()
            for uri in [f"{server.origin}/posts/{id_}" for (id_,) in posts] + [uri for (uri,) in activities]:
                sought = {"q": uri, "resolve": "true"}
                await paris.api("GET", "/api/v2/search", member="curieux", **sought)


async def test_what_is_for_members_is_said_between_their_servers_alone(trio: Trio) -> None:
    assert trio.ear.heard(
        SECRET, [talk for talk in trio.ear.talks if talk.between(trio.lille.netloc, trio.brest.netloc)]
    )
    heard = trio.ear.heard(SECRET, trio.talks(but=((trio.lille, trio.brest),)))
    assert heard == []


async def test_who_belongs_is_named_to_nobody(trio: Trio) -> None:
    lille, brest, _ = trio.servers
    uris = await rows.query(
        lille, "SELECT uri, username FROM actor WHERE username IN ($1, $2, 'noorderlicht')", *SILENT
    )
    for uri, name in uris:
        pair = ((lille, brest),)  # who belongs there speaks to members, and asked to
        assert trio.ear.heard(name, trio.talks(but=pair)) == [], name
        assert [
            talk for talk in trio.talks(but=pair) if re.search(re.escape(uri.encode()) + rb"(?!\d)", talk.told)
        ] == []


async def test_who_belonged_and_who_follows_is_known_to_the_two_servers(trio: Trio) -> None:
    with_paris, with_brest = (trio.lille, trio.paris), (trio.lille, trio.brest)
    assert trio.ear.heard("suiveuse", trio.talks(but=(with_paris,))) == []
    assert trio.ear.heard("erwandouarn", trio.talks(but=(with_brest,))) == []
    assert (
        trio.ear.heard("ancienne", trio.talks(but=(with_paris, with_brest))) == []
    )  # a member named her to the others


async def test_no_way_to_reach_somebody_leaves(trio: Trio) -> None:
    others = [talk for talk in trio.ear.talks if BY_NAME["From"].encode() not in talk.asked]
    for word in (*personal.WORDS, VISITOR):
        assert trio.ear.heard(word, others) == [], word


async def test_what_a_member_shows_crosses_in_one_answer_to_the_section_that_signed_for_it(trio: Trio) -> None:
    [(uri,)] = await rows.query(trio.brest, "SELECT uri FROM shared_details")
    asked_for = f"GET {uri.removeprefix(trio.brest.origin)} HTTP/1.1\r\n".encode()
    [(section,)] = await rows.query(trio.lille, "SELECT uri FROM actor WHERE type = 'Group'")
    crossed = 0
    for talk in trio.ear.talks:
        told = [(question, answer) for question, answer in talk.exchanges() if _says(answer)]
        for question, answer in told:
            assert talk.server == trio.brest.netloc
            assert talk.other == trio.lille.netloc
            assert question.startswith(asked_for)
            assert f'keyId="{section}#'.encode() in question
            assert b"cache-control: private, no-store" in answer.lower()
        whole = sum(bytes(talk.told).count(word.encode()) for word in personal.SENT)
        assert whole == sum(answer.count(word.encode()) for _, answer in told for word in personal.SENT)
        assert not _says(bytes(talk.asked))
        crossed += len(told)
    assert crossed > 0


def _says(said: bytes) -> bool:
    return any(word.encode() in said for word in personal.SENT)


async def test_what_a_member_shows_lies_nowhere_in_the_open(trio: Trio) -> None:
    for server in trio.servers:
        files = [path for path in server.folder.rglob("*") if path.is_file()]
        assert files
        assert [path for path in files if _says(path.read_bytes())] == []


async def test_the_logs_name_nobody(trio: Trio) -> None:
    people = await rows.query(trio.lille, "SELECT uri, username FROM actor WHERE type = 'Person'")
    assert len(people) > 5
    for server in trio.servers:
        log = server.log_text()
        assert log
        for word in (
            *personal.WORDS,
            *personal.SENT,
            VISITOR,
            "Visiteuse",
            SECRET,
            *SILENT,
            "noorderlicht",
            "ancienne",
            "suiveuse",
        ):
            assert word not in log, word
        for uri, _ in people:
            assert not re.search(re.escape(uri) + r"(?!\d)", log), uri


async def test_who_is_known_by_name_is_linked_with_no_section(trio: Trio) -> None:
    sections = [uri for (uri,) in await rows.query(trio.lille, "SELECT uri FROM actor WHERE type = 'Group'")]
    assert len(sections) == 1
    for server, names in ((trio.lille, SILENT), (trio.brest, PRIVATE[2:])):
        for name in names:
            [(uri,)] = await rows.query(server, "SELECT uri FROM actor WHERE username = $1 AND is_local", name)
            for path in OF_AN_ACTOR:
                text = await ask_by_name(uri + path)
                assert not [section for section in sections if section in text], (name, path)
                assert not [other for other in (*PRIVATE, "suiveuse", "ancienne") if other != name and other in text]


async def ask_by_name(target: str) -> str:
    headers = BY_NAME | {"Accept": ACCEPTS[0]}
    async with aiohttp.ClientSession() as session, session.get(target, headers=headers) as answer:
        return await answer.text()


async def test_the_curious_server_did_ask(trio: Trio) -> None:
    asked = [talk for talk in trio.ear.talks if talk.between(trio.lille.netloc, trio.paris.netloc)]
    assert any(b"signature" in talk.asked.lower() for talk in asked)
    unsigned = b"".join(bytes(talk.asked) for talk in trio.ear.talks if talk.other == "nobody")
    assert unsigned.count(b"GET /posts/") > 50
    assert await rows.count(trio.lille, "membership") == 5  # the first administrator belongs, too
