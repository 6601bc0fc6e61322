"""Two of our servers in conversation: whatever a member or a section does on one arrives on the other."""

import asyncio

import pytest

from tests.scenarios import rows
from tests.scenarios.conftest import NewServer
from tests.scenarios.server import Server, eventually
from tests.scenarios.talk import Status, arrival, count_is, follow, has_followers, is_absent, page_of


@pytest.fixture(scope="module")
def lille(new_server: NewServer) -> Server:
    """The first server, with its members zoe and ali."""
    server = new_server("lille", "Section de Lille")
    server.add_members("zoe", "ali")
    return server


@pytest.fixture(scope="module")
def brest(new_server: NewServer, lille: Server) -> Server:
    """The second server: its member noor and zoe follow each other, ali follows noor, max follows nobody."""
    server = new_server("brest", "Section de Brest")
    server.add_members("noor", "max")
    asyncio.run(befriend(lille, server))
    return server


async def befriend(lille: Server, brest: Server) -> None:
    await follow(brest, "noor", f"@zoe@{lille.netloc}")
    await follow(lille, "zoe", f"@noor@{brest.netloc}")
    await follow(lille, "ali", f"@noor@{brest.netloc}")


async def test_a_follow_is_counted_on_both_sides(lille: Server, brest: Server) -> None:
    zoe = await lille.api("GET", "/api/v1/accounts/lookup", member=None, acct="zoe")
    seen = await brest.api("GET", "/api/v1/accounts/lookup", acct=f"zoe@{lille.netloc}")

    assert (zoe["followers_count"], zoe["following_count"]) == (1, 1)
    assert (seen["uri"], seen["acct"]) == (zoe["uri"], f"zoe@{lille.netloc}")
    assert seen["followers_count"] == 1


async def test_a_post_arrives_in_the_home_of_a_follower(lille: Server, brest: Server) -> None:
    status = await lille.post_status("Rendez-vous mardi #Lille", member="zoe", language="fr")

    arrived = await arrival(brest, "noor", status)

    assert arrived["content"] == status["content"]
    assert (arrived["uri"], arrived["url"]) == (status["uri"], status["url"])
    assert arrived["account"]["acct"] == f"zoe@{lille.netloc}"
    assert (arrived["visibility"], arrived["language"]) == ("public", "fr")
    assert [tag["name"] for tag in arrived["tags"]] == ["lille"]
    assert await is_absent(brest, "max", status["uri"])


async def test_a_section_shares_a_post_on_its_page(lille: Server, brest: Server) -> None:
    status = await lille.post_status("Grève générale", member="zoe")
    await arrival(brest, "noor", status)

    brest.cli("announce", "brest", status["uri"])

    page = await page_of(brest, "/@brest")
    assert "Grève générale" in page
    assert status["url"] in page
    assert "Grève générale" in await page_of(brest, "/")
    await eventually(lambda: count_is(lille, status, "reblogs_count", 1))


async def test_an_edit_arrives(lille: Server, brest: Server) -> None:
    status = await lille.post_status("Rendez-vous mradi", member="zoe")
    await arrival(brest, "noor", status)

    await lille.api("PUT", f"/api/v1/statuses/{status['id']}", member="zoe", status="Rendez-vous mercredi")

    async def is_edited() -> bool:
        seen = await arrival(brest, "noor", status)
        return "mercredi" in seen["content"] and seen["edited_at"] is not None

    await eventually(is_edited)
    assert "mercredi" in (await lille.document(status["uri"]))["content"]


async def test_a_delete_leaves_a_tombstone_at_home_and_nothing_elsewhere(lille: Server, brest: Server) -> None:
    status = await lille.post_status("Une erreur", member="zoe")
    arrived = await arrival(brest, "noor", status)

    await lille.api("DELETE", f"/api/v1/statuses/{status['id']}", member="zoe")

    code, _, body = await lille.get(status["uri"], accept="application/activity+json")
    assert (code, "Tombstone" in body) == (410, True)
    assert (await lille.get(status["url"], accept="text/html"))[0] == 410
    await eventually(lambda: is_absent(brest, "noor", status["uri"]))
    await brest.api("GET", f"/api/v1/statuses/{arrived['id']}", member="noor", expect=404)


async def test_a_like_is_counted_at_home_and_can_be_taken_back(lille: Server, brest: Server) -> None:
    status = await lille.post_status("Victoire", member="zoe")
    arrived = await arrival(brest, "noor", status)

    liked = await brest.api("POST", f"/api/v1/statuses/{arrived['id']}/favourite", member="noor")
    assert (liked["favourited"], liked["favourites_count"]) == (True, 1)
    await eventually(lambda: count_is(lille, status, "favourites_count", 1))

    await brest.api("POST", f"/api/v1/statuses/{arrived['id']}/unfavourite", member="noor")
    await eventually(lambda: count_is(lille, status, "favourites_count", 0))


async def test_a_boost_arrives_around_the_post_at_the_followers_of_who_boosts(lille: Server, brest: Server) -> None:
    status = await lille.post_status("À faire connaître", member="zoe")
    arrived = await arrival(brest, "noor", status)

    await brest.api("POST", f"/api/v1/statuses/{arrived['id']}/reblog", member="noor")

    boost = await arrival(lille, "ali", status)
    assert boost["account"]["acct"] == f"noor@{brest.netloc}"
    assert (boost["content"], boost["reblog"]["content"]) == ("", status["content"])
    assert boost["reblog"]["reblogs_count"] == 1
    await brest.api("POST", f"/api/v1/statuses/{arrived['id']}/unreblog", member="noor")
    await eventually(lambda: is_absent(lille, "ali", status["uri"]))
    await eventually(lambda: count_is(lille, status, "reblogs_count", 0))


async def test_a_conversation_is_the_same_thread_on_both_servers(lille: Server, brest: Server) -> None:
    question = await lille.post_status("Qui vient ?", member="zoe")
    seen = await arrival(brest, "noor", question)
    answer = await brest.post_status("Moi", member="noor", in_reply_to_id=seen["id"])
    answered = await arrival(lille, "zoe", answer)
    thanks = await lille.post_status("Merci", member="zoe", in_reply_to_id=answered["id"])
    thanked = await arrival(brest, "noor", thanks)

    async def thread(server: Server, status: Status) -> list[list[str]]:
        context = await server.api("GET", f"/api/v1/statuses/{status['id']}/context", member=None)
        return [[post["uri"] for post in context[side]] for side in ("ancestors", "descendants")]

    assert await thread(lille, question) == [[], [answer["uri"], thanks["uri"]]]
    assert await thread(brest, thanked) == [[question["uri"], answer["uri"]], []]
    assert await count_is(lille, question, "replies_count", 1)
    assert await count_is(brest, answer, "replies_count", 1)
    assert "Moi" in await page_of(lille, question["url"])


async def test_after_an_unfollow_nothing_more_arrives(lille: Server, brest: Server) -> None:
    account_id = await follow(brest, "max", f"@zoe@{lille.netloc}")
    before = await lille.post_status("Pour max aussi", member="zoe")
    await arrival(brest, "max", before)

    await brest.api("POST", f"/api/v1/accounts/{account_id}/unfollow", member="max")

    await eventually(lambda: has_followers(lille, "zoe", 1))
    after = await lille.post_status("Sans max", member="zoe")
    await arrival(brest, "noor", after)
    assert await brest.home(member="max") == []


async def test_a_member_who_approves_followers_is_asked_first(lille: Server, brest: Server) -> None:
    await rows.query(lille, "UPDATE actor SET approves_followers = TRUE WHERE local_name = $1", "ali")
    account_id = await brest.follow(f"@ali@{lille.netloc}", member="max")
    [asking] = await eventually(lambda: lille.api("GET", "/api/v1/follow_requests", member="ali"))
    hidden = await lille.post_status("Pas encore", member="ali", visibility="private")

    assert asking["acct"] == f"max@{brest.netloc}"
    assert not await brest.follows(account_id, member="max")
    await lille.api("POST", f"/api/v1/follow_requests/{asking['id']}/authorize", member="ali")

    await eventually(lambda: brest.follows(account_id, member="max"))
    shown = await lille.post_status("Bienvenue", member="ali", visibility="private")
    await arrival(brest, "max", shown)
    assert await is_absent(brest, "max", hidden["uri"])


async def test_who_is_refused_does_not_follow(lille: Server, brest: Server) -> None:
    await rows.query(lille, "UPDATE actor SET approves_followers = TRUE WHERE local_name = $1", "ali")
    account_id = await brest.follow(f"@ali@{lille.netloc}", member="ines")
    [asking] = await eventually(lambda: lille.api("GET", "/api/v1/follow_requests", member="ali"))

    await lille.api("POST", f"/api/v1/follow_requests/{asking['id']}/reject", member="ali")

    async def is_over() -> bool:
        [relationship] = await brest.api("GET", "/api/v1/accounts/relationships", **{"id[]": account_id})
        return not relationship["requested"] and not relationship["following"]

    await eventually(is_over)


async def test_a_content_warning_travels_with_the_post(lille: Server, brest: Server) -> None:
    status = await lille.post_status("Le détail", member="zoe", spoiler_text="Violence")

    arrived = await arrival(brest, "noor", status)

    assert (arrived["spoiler_text"], arrived["sensitive"]) == ("Violence", True)


async def test_who_is_mentioned_is_told_though_they_follow_nobody(lille: Server, brest: Server) -> None:
    status = await lille.post_status(f"Bonjour @noor@{brest.netloc} et @max@{brest.netloc}", member="ali")

    arrived = await arrival(brest, "max", status)

    assert {mention["acct"] for mention in arrived["mentions"]} == {"noor", "max"}
    told = "SELECT n.type FROM notification n JOIN actor a ON a.id = n.recipient_id JOIN post p ON p.id = n.post_id "
    assert await rows.query(brest, told + "WHERE a.local_name = 'max' AND p.uri = $1", status["uri"]) == [("mention",)]


async def test_a_post_for_followers_is_shown_to_nobody_else(lille: Server, brest: Server) -> None:
    status = await lille.post_status("Entre nous seulement", member="zoe", visibility="private")
    arrived = await arrival(brest, "noor", status)

    assert arrived["visibility"] == "private"
    await is_hidden(lille, brest, status, arrived)


async def is_hidden(lille: Server, brest: Server, status: Status, arrived: Status) -> None:
    """A post that is not open stands on no page, in no feed, and is no document, for any who may not read it."""
    text = "Entre nous"
    for path in ("/@zoe", "/@zoe.atom", "/@zoe.rss", "/api/v1/timelines/public", f"{lille.origin}/"):
        assert text not in (await lille.get(path, accept="text/html"))[2]
    outbox = (await lille.document("/@zoe"))["outbox"]
    assert text not in (await lille.get(f"{outbox}?page=true", accept="application/activity+json"))[2]
    for address in (status["uri"], status["url"]):
        for accept in ("application/activity+json", "text/html"):
            code, _, body = await lille.get(address, accept=accept)
            assert (code, text in body) == (404, False)
    await brest.api("GET", f"/api/v1/statuses/{arrived['id']}", member=None, expect=404)
    await brest.api("GET", f"/api/v1/statuses/{arrived['id']}", member="max", expect=404)
    await brest.api("POST", f"/api/v1/statuses/{arrived['id']}/reblog", member="noor", expect=403)
    public = await brest.api("GET", "/api/v1/timelines/public", member="max")
    assert status["uri"] not in [shown["uri"] for shown in public]


async def test_a_direct_post_reaches_only_whom_it_names(lille: Server, brest: Server) -> None:
    status = await lille.post_status(f"Entre nous deux @noor@{brest.netloc}", member="zoe", visibility="direct")
    arrived = await arrival(brest, "noor", status)

    assert arrived["visibility"] == "direct"
    await is_hidden(lille, brest, status, arrived)
    await lille.api("GET", f"/api/v1/statuses/{status['id']}", member="ali", expect=404)


async def test_a_visitor_follows_a_section_and_reads_what_it_publishes(lille: Server, brest: Server) -> None:
    await follow(brest, "max", f"@lille@{lille.netloc}")

    url = lille.cli("post", "lille", "Réunion publique jeudi")

    arrived = await eventually(lambda: newest(brest, "max", url))
    assert arrived["account"]["group"]
    assert arrived["account"]["acct"] == f"lille@{lille.netloc}"
    assert "Réunion publique jeudi" in await page_of(lille, "/@lille")


async def newest(server: Server, member: str, url: str) -> Status | None:
    return next((status for status in await server.home(member=member) if status["url"] == url), None)


async def test_what_a_section_publishes_is_on_the_page_of_a_section_that_follows_it(
    lille: Server, brest: Server
) -> None:
    brest.cli("follow", "brest", f"@lille@{lille.netloc}")
    await eventually(lambda: has_followers(lille, "lille", 2))

    url = lille.cli("post", "lille", "Fête de la solidarité samedi")

    async def is_on_page() -> bool:
        page = await page_of(brest, "/@brest")
        return "Fête de la solidarité" in page and url in page

    await eventually(is_on_page)
