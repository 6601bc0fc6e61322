"""Who is shown what: a post that is not for everybody is shown to nobody else, by any endpoint."""

from dataclasses import dataclass

import pytest
from httpx2 import AsyncClient

from models.actor import Actor
from models.post import Mention, Post, Visibility
from models.reaction import Announce
from tests import factories
from tests.server.api import LogIn

SECRET = "le mot de passe"


@dataclass
class Readers:
    """Zoé writes, Ali follows her, Max is named in her direct post, Ida is nobody to her."""

    author: Actor
    clients: dict[str, AsyncClient]

    async def reading(self, target: str) -> set[str]:
        """Name those to whom a target answers with the secret."""
        return {name for name, client in self.clients.items() if SECRET in (await client.get(target)).text}


@pytest.fixture
async def readers(ctx, member: Actor, other_member: Actor, public: AsyncClient, log_in: LogIn) -> Readers:
    named = await factories.member(ctx, "max", "Max")
    ida = await factories.member(ctx, "ida", "Ida")
    await factories.follow(other_member, member)
    clients = {
        "public": public,
        "author": await log_in(member),
        "follower": await log_in(other_member),
        "named": await log_in(named),
        "stranger": await log_in(ida),
    }
    return Readers(member, clients)


async def hidden_post(author: Actor, visibility: Visibility, **more) -> Post:
    post = await factories.post(author, SECRET, visibility, **more)
    if visibility is Visibility.DIRECT:
        await Mention.create(post=post, actor=await Actor.get(username="max"))
    return post


MAY_READ = {
    Visibility.PUBLIC: {"public", "author", "follower", "named", "stranger"},
    Visibility.UNLISTED: {"public", "author", "follower", "named", "stranger"},
    Visibility.FOLLOWERS: {"author", "follower"},
    Visibility.DIRECT: {"author", "named"},
}


@pytest.mark.parametrize("visibility", MAY_READ)
async def test_a_status_is_shown_to_those_it_is_for(readers: Readers, visibility: Visibility):
    post = await hidden_post(readers.author, visibility)

    assert await readers.reading(f"/api/v1/statuses/{post.id}") == MAY_READ[visibility]


@pytest.mark.parametrize("visibility", MAY_READ)
async def test_the_statuses_of_an_account_are_shown_to_those_they_are_for(readers: Readers, visibility: Visibility):
    await hidden_post(readers.author, visibility)

    assert await readers.reading(f"/api/v1/accounts/{readers.author.id}/statuses") == MAY_READ[visibility]


@pytest.mark.parametrize("visibility", [Visibility.FOLLOWERS, Visibility.DIRECT])
async def test_a_context_leaves_out_replies_and_parents_that_are_not_for_the_reader(
    readers: Readers, visibility: Visibility
):
    top = await factories.post(readers.author)
    hidden = await hidden_post(readers.author, visibility, in_reply_to=top, in_reply_to_uri=top.uri)
    below = await factories.post(readers.author, in_reply_to=hidden, in_reply_to_uri=hidden.uri)

    assert await readers.reading(f"/api/v1/statuses/{top.id}/context") == MAY_READ[visibility]
    assert await readers.reading(f"/api/v1/statuses/{below.id}/context") == MAY_READ[visibility]


@pytest.mark.parametrize("visibility", [Visibility.FOLLOWERS, Visibility.DIRECT])
async def test_the_context_of_a_hidden_status_is_not_found(readers: Readers, visibility: Visibility):
    post = await hidden_post(readers.author, visibility)

    for name, client in readers.clients.items():
        answer = await client.get(f"/api/v1/statuses/{post.id}/context")
        assert answer.status_code == (200 if name in MAY_READ[visibility] else 404), name


@pytest.mark.parametrize("visibility", [Visibility.FOLLOWERS, Visibility.DIRECT])
async def test_nobody_acts_on_what_they_may_not_read(readers: Readers, visibility: Visibility):
    post = await hidden_post(readers.author, visibility)
    stranger = readers.clients["stranger"]

    for method, path in (
        ("POST", "/favourite"), ("POST", "/unfavourite"), ("POST", "/reblog"), ("POST", "/unreblog"),
        ("PUT", ""), ("DELETE", ""),
    ):  # fmt: skip
        answer = await stranger.request(method, f"/api/v1/statuses/{post.id}{path}", json={"status": "x"})
        assert answer.status_code == 404, path
        assert SECRET not in answer.text
    assert (await Post.get(id=post.id)).source_text == SECRET


@pytest.mark.parametrize("visibility", [Visibility.UNLISTED, Visibility.FOLLOWERS, Visibility.DIRECT])
async def test_the_public_timeline_has_public_posts_alone(readers: Readers, visibility: Visibility):
    await hidden_post(readers.author, visibility)

    for target in ("public", "public?local=true"):
        assert await readers.reading(f"/api/v1/timelines/{target}") == set()


@pytest.mark.parametrize("visibility", [Visibility.FOLLOWERS, Visibility.DIRECT])
async def test_a_search_by_address_finds_only_what_the_reader_may_read(readers: Readers, visibility: Visibility):
    post = await hidden_post(readers.author, visibility)

    assert await readers.reading(f"/api/v2/search?q={post.uri}") == MAY_READ[visibility]


@pytest.mark.parametrize("visibility", [Visibility.FOLLOWERS, Visibility.DIRECT])
async def test_a_boost_that_should_not_be_there_opens_no_door(readers: Readers, visibility: Visibility, ctx):
    post = await hidden_post(readers.author, visibility)
    ida = await Actor.get(username="ida")
    announce = await Announce.create(uri="https://lille.test/activities/1", actor=ida, post=post)

    assert await readers.reading(f"/api/v1/statuses/{announce.id}") == MAY_READ[visibility]
    assert await readers.reading(f"/api/v1/accounts/{ida.id}/statuses") == set()


async def test_a_direct_post_written_through_the_api_reaches_its_readers_alone(readers: Readers):
    author = readers.clients["author"]

    sent = (await author.post("/api/v1/statuses", json={"status": f"@max {SECRET}", "visibility": "direct"})).json()

    assert await readers.reading(f"/api/v1/statuses/{sent['id']}") == {"author", "named"}
    assert await readers.reading(f"/api/v1/accounts/{readers.author.id}/statuses") == {"author", "named"}
    with_token = {name: client for name, client in readers.clients.items() if name != "public"}
    assert await Readers(readers.author, with_token).reading("/api/v1/timelines/home") == {"author", "named"}


async def test_a_followers_only_post_written_through_the_api_reaches_followers_alone(readers: Readers):
    author = readers.clients["author"]

    sent = (await author.post("/api/v1/statuses", json={"status": SECRET, "visibility": "private"})).json()

    assert await readers.reading(f"/api/v1/statuses/{sent['id']}") == {"author", "follower"}
    with_token = {name: client for name, client in readers.clients.items() if name != "public"}
    assert await Readers(readers.author, with_token).reading("/api/v1/timelines/home") == {"author", "follower"}


async def test_a_follower_who_is_not_yet_accepted_reads_nothing_more(readers: Readers, ctx):
    post = await hidden_post(readers.author, Visibility.FOLLOWERS)
    await readers.author.follows_in.all().update(state="requested")

    assert await readers.reading(f"/api/v1/statuses/{post.id}") == {"author"}


async def test_the_email_of_a_member_is_in_no_answer(readers: Readers):
    member = await readers.author.member
    member.email = "zoe@secret.example"
    await member.save()

    for client in readers.clients.values():
        for target in (
            f"/api/v1/accounts/{readers.author.id}",
            "/api/v1/accounts/verify_credentials",
            "/api/v1/instance",
        ):
            assert "secret.example" not in (await client.get(target)).text
