"""Accounts: what clients decode, whom they find, how following goes."""

from httpx2 import AsyncClient

from federation.context import Context
from federation.naming import Names
from models.actor import Actor
from models.follow import Follow, FollowState
from models.ids import new_id
from models.post import Attachment, Visibility
from models.section import Section
from server.media.addresses import copy_url, small_copy_url
from server.sections import roles
from tests import factories
from tests.server.api import LogIn
from tests.server.mastodon.shapes import ACCOUNT, CREDENTIAL_ACCOUNT, RELATIONSHIP, STATUS, Many, assert_shape
from tests.world import ORIGIN, World


async def test_verify_credentials_has_every_key_that_strict_clients_decode(zoe: AsyncClient, member: Actor):
    answer = await zoe.get("/api/v1/accounts/verify_credentials")

    assert answer.status_code == 200
    assert_shape(answer.json(), CREDENTIAL_ACCOUNT)
    assert answer.json()["id"] == str(member.id)
    assert answer.json()["acct"] == "zoe"


async def test_verify_credentials_needs_a_token(public: AsyncClient):
    answer = await public.get("/api/v1/accounts/verify_credentials")

    assert answer.status_code == 401
    assert set(answer.json()) == {"error"}


async def test_the_profile_scope_is_enough_to_learn_who_one_is(log_in: LogIn, member: Actor):
    client = await log_in(member, "profile")

    assert (await client.get("/api/v1/accounts/verify_credentials")).status_code == 200
    assert (await client.get("/api/v1/timelines/home")).status_code == 403


async def test_verify_credentials_counts_who_waits_for_an_answer(zoe: AsyncClient, member: Actor, remote_actor: Actor):
    await Actor.filter(id=member.id).update(approves_followers=True)
    await Follow.create(uri="https://far.test/f/1", follower=remote_actor, followed=member, state=FollowState.REQUESTED)

    answer = await zoe.get("/api/v1/accounts/verify_credentials")

    assert answer.json()["source"]["follow_requests_count"] == 1


async def test_the_source_of_a_profile_is_plain_text(zoe: AsyncClient, member: Actor):
    fields = [{"name": "Site", "value": '<a href="https://x.test">x &amp; y</a>'}]
    await Actor.filter(id=member.id).update(note_html="<p>One</p><p>Two &lt;3</p>", profile_fields=fields)

    source = (await zoe.get("/api/v1/accounts/verify_credentials")).json()["source"]

    assert source["note"] == "One\n\nTwo <3"
    assert source["fields"] == [{"name": "Site", "value": "x & y", "verified_at": None}]


async def test_a_remote_account_without_pictures_has_every_key(public: AsyncClient, remote_actor: Actor):
    await factories.post(remote_actor)

    found = (await public.get(f"/api/v1/accounts/{remote_actor.id}")).json()

    assert_shape(found, ACCOUNT)
    assert found["acct"] == "noor@far.test"
    assert found["avatar"] == f"{ORIGIN}/static/avatar-missing.png"
    assert found["header"] == f"{ORIGIN}/static/header-missing.png"


async def test_an_account_shows_its_pictures_fields_and_totals(public: AsyncClient, remote_actor: Actor):
    await factories.post(remote_actor)
    fields = [{"name": "Site", "value": '<a href="https://x.test">x</a>'}]
    await Actor.filter(id=remote_actor.id).update(
        icon_url="https://far.test/a.png", image_url="https://far.test/h.png", profile_fields=fields,
        followers_count=3, following_count=4, posts_count=5, approves_followers=True,
    )  # fmt: skip

    found = (await public.get(f"/api/v1/accounts/{remote_actor.id}")).json()

    assert_shape(found, ACCOUNT)
    names = Names(ORIGIN)
    for name, url in (("avatar", "https://far.test/a.png"), ("header", "https://far.test/h.png")):
        assert (found[name], found[f"{name}_static"]) == (copy_url(url, names), small_copy_url(url, names))
    assert found["fields"][0] == {**fields[0], "verified_at": None}
    assert (found["followers_count"], found["following_count"], found["statuses_count"]) == (3, 4, 5)
    assert found["locked"] is True


async def test_a_section_is_a_group_account(public: AsyncClient, section: Actor):
    found = (await public.get(f"/api/v1/accounts/{section.id}")).json()

    assert_shape(found, ACCOUNT)
    assert found["group"] is True
    assert found["bot"] is False


async def test_an_account_that_is_gone_is_not_found(public: AsyncClient, remote_actor: Actor, ctx: Context):
    await Actor.filter(id=remote_actor.id).update(gone_at=ctx.now())

    assert (await public.get(f"/api/v1/accounts/{remote_actor.id}")).status_code == 404


async def test_an_id_that_is_no_number_is_not_found(zoe: AsyncClient):
    for id_ in ("abc", "-1", "1.5", "²", "9" * 30, str(2**63), "1e3", "%00", "0x10"):
        answer = await zoe.get(f"/api/v1/accounts/{id_}")
        assert answer.status_code == 404, id_
        assert "error" in answer.json()


async def test_lookup_finds_members_and_known_strangers_by_handle(
    public: AsyncClient, member: Actor, remote_actor: Actor
):
    await factories.post(remote_actor)
    for acct, actor in (
        ("zoe", member), ("ZOE", member), ("@zoe@lille.test", member),
        ("noor@far.test", remote_actor), ("@Noor@FAR.test", remote_actor),
    ):  # fmt: skip
        answer = await public.get("/api/v1/accounts/lookup", params={"acct": acct})
        assert answer.json()["id"] == str(actor.id), acct


async def test_lookup_asks_no_other_server(public: AsyncClient, world: World):
    answer = await public.get("/api/v1/accounts/lookup", params={"acct": "nobody@far.test"})

    assert answer.status_code == 404
    assert world.fetched == []


async def test_lookup_of_nothing_is_not_found(public: AsyncClient):
    assert (await public.get("/api/v1/accounts/lookup")).status_code == 404


async def test_relationships_keep_the_order_asked_for_and_leave_strangers_out(
    zoe: AsyncClient, member: Actor, remote_actor: Actor, stranger: Actor, section: Actor
):
    await factories.follow(member, remote_actor)
    await factories.follow(stranger, member)
    asked = [str(stranger.id), str(remote_actor.id), "17", "abc", str(section.id)]

    found = (await zoe.get("/api/v1/accounts/relationships", params={"id[]": asked})).json()

    assert_shape(found, Many(RELATIONSHIP))
    assert [row["id"] for row in found] == [str(stranger.id), str(remote_actor.id), str(section.id)]
    assert [(row["following"], row["followed_by"]) for row in found] == [(False, True), (True, False), (False, False)]
    assert found[1]["showing_reblogs"] is True


async def test_relationships_take_an_id_without_brackets(zoe: AsyncClient, remote_actor: Actor):
    found = (await zoe.get("/api/v1/accounts/relationships", params={"id": remote_actor.id})).json()

    assert [row["id"] for row in found] == [str(remote_actor.id)]


async def test_relationships_of_nobody_are_none(zoe: AsyncClient):
    assert (await zoe.get("/api/v1/accounts/relationships")).json() == []


async def test_following_a_member_takes_effect_at_once(zoe: AsyncClient, other_member: Actor):
    answer = await zoe.post(f"/api/v1/accounts/{other_member.id}/follow")

    assert_shape(answer.json(), RELATIONSHIP)
    assert answer.json()["following"] is True
    assert (await zoe.get(f"/api/v1/accounts/{other_member.id}")).json()["followers_count"] == 1


async def test_following_a_stranger_asks_and_waits(zoe: AsyncClient, remote_actor: Actor):
    found = (await zoe.post(f"/api/v1/accounts/{remote_actor.id}/follow")).json()

    assert (found["following"], found["requested"]) == (False, True)


async def test_unfollowing_ends_it(zoe: AsyncClient, other_member: Actor):
    await zoe.post(f"/api/v1/accounts/{other_member.id}/follow")

    found = (await zoe.post(f"/api/v1/accounts/{other_member.id}/unfollow")).json()

    assert_shape(found, RELATIONSHIP)
    assert found["following"] is False
    assert not await Follow.exists()


async def test_nobody_follows_themselves(zoe: AsyncClient, member: Actor):
    answer = await zoe.post(f"/api/v1/accounts/{member.id}/follow")

    assert answer.status_code == 409
    assert not await Follow.exists()


async def test_following_needs_the_scope(log_in: LogIn, member: Actor, other_member: Actor):
    client = await log_in(member, "read", "write:statuses")

    assert (await client.post(f"/api/v1/accounts/{other_member.id}/follow")).status_code == 403
    assert not await Follow.exists()


async def test_the_old_follow_scope_is_enough_to_follow(log_in: LogIn, member: Actor, other_member: Actor):
    client = await log_in(member, "follow")

    assert (await client.post(f"/api/v1/accounts/{other_member.id}/follow")).status_code == 200


async def test_statuses_of_an_account_are_its_posts_and_boosts_newest_first(
    public: AsyncClient, ali: AsyncClient, member: Actor, other_member: Actor
):
    first = await factories.post(other_member, "un")
    shown = await factories.post(member, "de Zoé")
    boost = (await ali.post(f"/api/v1/statuses/{shown.id}/reblog")).json()
    last = await factories.post(other_member, "deux")

    found = (await public.get(f"/api/v1/accounts/{other_member.id}/statuses")).json()

    assert_shape(found, Many(STATUS))
    assert [row["id"] for row in found] == [str(last.id), boost["id"], str(first.id)]
    assert found[1]["reblog"]["id"] == str(shown.id)


async def test_statuses_of_an_account_can_leave_out_replies_and_boosts(
    public: AsyncClient, ali: AsyncClient, member: Actor, other_member: Actor
):
    shown = await factories.post(member)
    await ali.post(f"/api/v1/statuses/{shown.id}/reblog")
    reply = await factories.post(other_member, in_reply_to=shown, in_reply_to_uri=shown.uri)
    plain = await factories.post(other_member)
    path = f"/api/v1/accounts/{other_member.id}/statuses"

    without_replies = (await public.get(path, params={"exclude_replies": "true"})).json()
    without_boosts = (await public.get(path, params={"exclude_reblogs": "1"})).json()

    assert str(reply.id) not in [row["id"] for row in without_replies]
    assert len(without_replies) == 2
    assert [row["id"] for row in without_boosts] == [str(plain.id), str(reply.id)]


async def test_statuses_of_an_account_can_be_those_with_media_alone(
    public: AsyncClient, zoe: AsyncClient, member: Actor
):
    await factories.post(member, "rien")
    pictured = await factories.post(member, "images")
    for number in (1, 2):
        await Attachment.create(post=pictured, url=f"https://far.test/{number}.png", media_type="image/png")

    for client in (public, zoe):
        found = (await client.get(f"/api/v1/accounts/{member.id}/statuses", params={"only_media": "true"})).json()
        assert_shape(found, Many(STATUS))
        assert [row["id"] for row in found] == [str(pictured.id)]
        assert len(found[0]["media_attachments"]) == 2


async def test_nothing_is_pinned_by_itself(public: AsyncClient, member: Actor):
    await factories.post(member)

    assert (await public.get(f"/api/v1/accounts/{member.id}/statuses", params={"pinned": "true"})).json() == []


async def test_statuses_of_an_account_hide_what_the_reader_may_not_read(
    public: AsyncClient, zoe: AsyncClient, ali: AsyncClient, member: Actor, other_member: Actor, remote_actor: Actor
):
    for visibility in Visibility:
        if visibility is not Visibility.SECTION:
            await factories.post(remote_actor, visibility=visibility)
    await factories.follow(other_member, remote_actor)
    path = f"/api/v1/accounts/{remote_actor.id}/statuses"

    async def seen_by(client: AsyncClient) -> list[str]:
        return sorted(row["visibility"] for row in (await client.get(path)).json())

    assert await seen_by(public) == ["public", "unlisted"]
    assert await seen_by(zoe) == ["public", "unlisted"]
    assert await seen_by(ali) == ["private", "public", "unlisted"]


async def test_no_list_of_followers_is_shown(ali: AsyncClient, public: AsyncClient, member: Actor, remote_actor: Actor):
    await factories.follow(remote_actor, member)

    for client in (ali, public):
        for name in ("followers", "following"):
            answer = await client.get(f"/api/v1/accounts/{member.id}/{name}")
            assert "noor" not in answer.text


async def test_an_unknown_account_cannot_be_followed(zoe: AsyncClient):
    assert (await zoe.post(f"/api/v1/accounts/{new_id()}/follow")).status_code == 404


async def test_an_account_that_moved_says_where_it_lives_now(public, member, other_member):
    member.moved_to_uri, other_member.also_known_as = other_member.uri, [member.uri]
    await member.save()
    assert (await public.get(f"/api/v1/accounts/{member.id}")).json()["moved"] is None

    await other_member.save()

    for path in (f"/api/v1/accounts/{member.id}", "/api/v1/accounts/lookup?acct=zoe"):
        moved = (await public.get(path)).json()["moved"]
        assert (moved["id"], moved["moved"]) == (str(other_member.id), None)


async def test_a_section_bears_a_role_and_members_see_their_own_alone(
    zoe: AsyncClient, public: AsyncClient, member: Actor, main_section: Section, remote_actor: Actor, ctx: Context
):
    await roles.found(main_section, member, ctx)

    async def shown(client: AsyncClient, actor: Actor) -> list[str]:
        found = (await client.get(f"/api/v1/accounts/{actor.id}")).json()
        assert_shape(found, ACCOUNT)
        return [row["name"] for row in found["roles"]]

    assert await shown(public, main_section.actor) == ["Section"]
    assert await shown(zoe, member) == await shown(zoe, remote_actor) == []
    for answer in (
        await zoe.get("/api/v1/accounts/verify_credentials"),
        await zoe.patch("/api/v1/accounts/update_credentials", json={"display_name": "Zoé"}),
        await zoe.delete("/api/v1/profile/avatar"),
    ):
        assert_shape(answer.json(), CREDENTIAL_ACCOUNT)
        assert [row["name"] for row in answer.json()["roles"]] == ["Animation · Section de Lille"]
