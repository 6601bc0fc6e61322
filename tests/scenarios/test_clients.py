"""Two people on two servers, one with Mastodon.py and one with toot: what the one does, the other sees."""

import asyncio
import json

import pytest
from mastodon import Mastodon

from tests.clients.toot import Toot
from tests.scenarios.conftest import NewServer
from tests.scenarios.server import ADMIN, Server, eventually
from tests.scenarios.talk import follow


@pytest.fixture(scope="module")
def lille(new_server: NewServer) -> Server:
    """The server of whoever uses Mastodon.py."""
    return new_server("lille", "Section de Lille")


@pytest.fixture(scope="module")
def brest(new_server: NewServer) -> Server:
    """The server of whoever uses toot."""
    return new_server("brest", "Section de Brest")


@pytest.fixture(scope="module")
def library(lille: Server) -> Mastodon:
    """Mastodon.py, logged in at Lille."""
    token = lille.token(ADMIN)
    return Mastodon(access_token=token, api_base_url=lille.origin, version_check_mode="created", request_timeout=30)


@pytest.fixture(scope="module")
def toot(brest: Server, tmp_path_factory: pytest.TempPathFactory) -> Toot:
    """The command toot, logged in at Brest."""
    return Toot(tmp_path_factory.mktemp("home"), brest)


@pytest.fixture(scope="module")
def acquainted(lille: Server, brest: Server) -> None:
    """Both follow each other."""
    asyncio.run(follow(lille, ADMIN, f"@{ADMIN}@{brest.netloc}"))
    asyncio.run(follow(brest, ADMIN, f"@{ADMIN}@{lille.netloc}"))


def test_toot_says_who_it_is_and_finds_a_stranger(lille: Server, brest: Server, toot: Toot) -> None:
    assert f"@{ADMIN}" in toot("whoami")
    assert brest.name in toot("instance", brest.origin)

    toot("follow", f"lille@{lille.netloc}")

    assert f"lille@{lille.netloc}" in toot("search", "-t", "accounts", f"lille@{lille.netloc}")
    assert lille.name in toot("whois", f"lille@{lille.netloc}")


def test_mastodon_py_finds_a_stranger_by_handle_and_follows(brest: Server, library: Mastodon) -> None:
    assert library.account_verify_credentials().acct == ADMIN

    [found] = library.search(f"@brest@{brest.netloc}", resolve=True).accounts
    library.account_follow(found.id)

    assert (found.acct, found.group, found.display_name) == (f"brest@{brest.netloc}", True, brest.name)
    assert found.url == f"{brest.origin}/@brest"


@pytest.mark.usefixtures("acquainted")
async def test_a_post_by_toot_is_read_liked_and_boosted_by_mastodon_py(
    brest: Server, library: Mastodon, toot: Toot
) -> None:
    sent = json.loads(toot("post", "--json", "-p", "Sujet", "Réunion ce soir #Brest"))

    async def at_home() -> list[dict[str, object]]:
        return [post for post in library.timeline_home() if post.uri == sent["uri"]]

    [post] = await eventually(at_home)
    assert (post.spoiler_text, post.tags[0].name) == ("Sujet", "brest")
    assert post.account.acct == f"{ADMIN}@{brest.netloc}"
    assert library.status_favourite(post).favourites_count == 1
    assert library.status_reblog(post).reblog.id == post.id

    async def is_counted() -> bool:
        status = await brest.api("GET", f"/api/v1/statuses/{sent['id']}")
        return (status["favourites_count"], status["reblogs_count"]) == (1, 1)

    await eventually(is_counted)


@pytest.mark.usefixtures("acquainted")
async def test_a_reply_by_mastodon_py_stands_in_the_thread_that_toot_shows(
    lille: Server, brest: Server, library: Mastodon, toot: Toot
) -> None:
    question = json.loads(toot("post", "--json", f"@{ADMIN}@{lille.netloc} Qui apporte les chaises ?"))

    async def question_arrived() -> list[dict[str, object]]:
        return [post for post in library.timeline_home() if post.uri == question["uri"]]

    [post] = await eventually(question_arrived)
    reply = library.status_reply(post, "Moi, vingt")

    await eventually(lambda: brest.in_home(reply.uri))
    thread = toot("thread", question["id"])
    assert "Qui apporte les chaises" in thread
    assert "Moi, vingt" in thread
    assert "Moi, vingt" in toot("timelines", "home", "--no-pager", "--no-clear")
    assert [above.uri for above in library.status_context(reply).ancestors] == [question["uri"]]


@pytest.mark.usefixtures("acquainted")
async def test_what_mastodon_py_edits_and_deletes_changes_for_toot(
    brest: Server, library: Mastodon, toot: Toot
) -> None:
    post = library.status_post("Rendez-vous à 18 h")
    arrived = await eventually(lambda: brest.in_home(post.uri))
    assert arrived is not None
    library.status_update(post.id, "Rendez-vous à 19 h")

    async def is_edited() -> bool:
        return "19 h" in toot("status", arrived["id"])

    await eventually(is_edited)
    library.status_delete(post.id)

    async def is_gone() -> bool:
        return await brest.in_home(post.uri) is None

    await eventually(is_gone)
