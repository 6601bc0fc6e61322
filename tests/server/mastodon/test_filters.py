"""Filters: made, changed, deleted in the words of either version, and applied to what is read."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from httpx2 import AsyncClient

from federation.context import Context
from federation.facts import Fact, FiltersChanged
from models.actor import Actor
from models.filters import Filter, FilterKeyword, FilterPost
from models.post import Attachment, Visibility
from models.timeline import HomeRow
from server.filters.actions import MAX_FILTERS, MAX_KEYWORDS, sweep
from server.members.leaving import delete
from tests import factories
from tests.server.api import LogIn
from tests.server.mastodon.shapes import FILTER, OWN_STATUS, Many, assert_shape, id_, instant, or_null

KEYWORD = {"id": id_, "keyword": str, "whole_word": bool}
V1_FILTER = {
    "id": id_, "phrase": str, "context": Many(str), "whole_word": bool, "expires_at": or_null(instant),
    "irreversible": bool,
}  # fmt: skip
FILTERS = "/api/v2/filters"


def later(ctx: Context, **much: int) -> Context:
    return replace(ctx, now=lambda: ctx.now() + timedelta(**much))


async def make(client: AsyncClient, *keywords: str, action: str = "warn", context: str = "home") -> dict[str, Any]:
    sent = {
        "title": "Ennui", "context": [context], "filter_action": action,
        "keywords_attributes": [{"keyword": keyword} for keyword in keywords],
    }  # fmt: skip
    answer = await client.post(FILTERS, json=sent)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert_shape(found, FILTER)
    return found


async def test_a_filter_is_made_by_a_form(zoe: AsyncClient, ctx: Context):
    form = (
        "title=Foot&context[]=home&context[]=public&filter_action=hide&expires_in=3600"
        "&keywords_attributes[][keyword]=match&keywords_attributes[][whole_word]=false"
        "&keywords_attributes[][keyword]=but"
    )
    made = (
        await zoe.post(FILTERS, content=form, headers={"Content-Type": "application/x-www-form-urlencoded"})
    ).json()  # fmt: skip

    assert_shape(made, FILTER)
    assert (made["title"], made["context"], made["filter_action"]) == ("Foot", ["home", "public"], "hide")
    assert [(row["keyword"], row["whole_word"]) for row in made["keywords"]] == [("match", False), ("but", True)]
    assert made["expires_at"].startswith((ctx.now() + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S"))
    assert (await zoe.get(f"{FILTERS}/{made['id']}")).json() == made
    assert (await zoe.get(FILTERS)).json() == [made]


async def test_a_filter_is_changed_with_its_keywords_and_deleted(zoe: AsyncClient):
    made = await make(zoe, "un", "deux")
    first, second = (row["id"] for row in made["keywords"])
    sent = {
        "filter_action": "hide",
        "keywords_attributes": [{"id": first, "keyword": "one"}, {"id": second, "_destroy": True}, {"keyword": "trois"}],
    }  # fmt: skip

    changed = (await zoe.put(f"{FILTERS}/{made['id']}", json=sent)).json()

    assert (changed["title"], changed["context"], changed["filter_action"]) == ("Ennui", ["home"], "hide")
    assert [row["keyword"] for row in changed["keywords"]] == ["one", "trois"]
    assert (await zoe.delete(f"{FILTERS}/{made['id']}")).json() == {}
    assert (await zoe.get(FILTERS)).json() == []
    assert await FilterKeyword.all().count() == 0


async def test_keywords_are_added_changed_and_deleted_by_themselves(zoe: AsyncClient):
    address = f"{FILTERS}/{(await make(zoe))['id']}/keywords"
    one = (await zoe.post(address, json={"keyword": "un", "whole_word": False})).json()
    assert_shape(one, KEYWORD)
    assert (await zoe.get(address)).json() == [one]
    alone = f"{FILTERS}/keywords/{one['id']}"
    assert (await zoe.put(alone, json={"whole_word": True})).json() == one | {"whole_word": True}
    assert (await zoe.get(alone)).json()["keyword"] == "un"
    assert (await zoe.delete(alone)).json() == {}
    assert (await zoe.get(address)).json() == []


async def test_a_post_is_filtered_by_itself(zoe: AsyncClient, other_member: Actor):
    post = await factories.post(other_member)
    made = await make(zoe)
    address = f"{FILTERS}/{made['id']}/statuses"
    rows = [(await zoe.post(address, json={"status_id": str(post.id)})).json() for _ in range(2)]
    assert rows[0] == rows[1]
    assert (await zoe.get(address)).json() == rows[:1]

    [result] = (await zoe.get(f"/api/v1/statuses/{post.id}")).json()["filtered"]
    assert (result["status_matches"], result["keyword_matches"]) == ([str(post.id)], None)

    alone = f"{FILTERS}/statuses/{rows[0]['id']}"
    assert (await zoe.get(alone)).json() == rows[0]
    assert (await zoe.delete(alone)).json() == rows[0]
    assert (await zoe.get(f"/api/v1/statuses/{post.id}")).json()["filtered"] == []


async def test_only_what_one_may_read_can_be_filtered(zoe: AsyncClient, other_member: Actor):
    hidden = await factories.post(other_member, visibility=Visibility.DIRECT)
    address = f"{FILTERS}/{(await make(zoe))['id']}/statuses"
    assert (await zoe.post(address, json={"status_id": str(hidden.id)})).status_code == 404
    assert (await zoe.post(address, json={})).status_code == 422


@pytest.mark.parametrize(
    "sent",
    [
        {}, {"title": "x"}, {"title": "x", "context": ["nowhere"]}, {"title": "", "context": ["home"]},
        {"title": "x", "context": ["home"], "filter_action": "burn"},
        {"title": "x", "context": ["home"], "expires_in": "soon"},
        {"title": "x" * 257, "context": ["home"]},
        {"title": "x", "context": ["home"], "keywords_attributes": [{"keyword": " "}]},
        {"title": "x", "context": ["home"], "keywords_attributes": [{"keyword": "k" * 513}]},
        {"title": "x", "context": ["home"], "keywords_attributes": [{"keyword": "k"}] * (MAX_KEYWORDS + 1)},
    ],
)  # fmt: skip
async def test_a_filter_that_makes_no_sense_is_refused_whole(zoe: AsyncClient, sent: dict[str, Any]):
    assert (await zoe.post(FILTERS, json=sent)).status_code == 422
    assert await Filter.all().count() == 0


async def test_there_are_only_so_many_filters(zoe: AsyncClient, member: Actor):
    for _ in range(MAX_FILTERS):
        await Filter.create(owner=member, title="x", contexts=["home"])
    assert (await zoe.post(FILTERS, json={"title": "x", "context": ["home"]})).status_code == 422


async def test_filters_are_their_owners_alone(zoe: AsyncClient, ali: AsyncClient, other_member: Actor):
    post = await factories.post(other_member, "un mot")
    made = await make(zoe, "mot")
    named = (await zoe.post(f"{FILTERS}/{made['id']}/statuses", json={"status_id": str(post.id)})).json()
    keyword = made["keywords"][0]["id"]
    for method, path in (
        ("GET", f"{FILTERS}/{made['id']}"), ("PUT", f"{FILTERS}/{made['id']}"), ("DELETE", f"{FILTERS}/{made['id']}"),
        ("GET", f"{FILTERS}/{made['id']}/keywords"), ("POST", f"{FILTERS}/{made['id']}/keywords"),
        ("GET", f"{FILTERS}/keywords/{keyword}"), ("PUT", f"{FILTERS}/keywords/{keyword}"),
        ("DELETE", f"{FILTERS}/keywords/{keyword}"), ("GET", f"{FILTERS}/{made['id']}/statuses"),
        ("POST", f"{FILTERS}/{made['id']}/statuses"), ("GET", f"{FILTERS}/statuses/{named['id']}"),
        ("DELETE", f"{FILTERS}/statuses/{named['id']}"), ("GET", f"/api/v1/filters/{keyword}"),
        ("PUT", f"/api/v1/filters/{keyword}"), ("DELETE", f"/api/v1/filters/{keyword}"),
    ):  # fmt: skip
        assert (await ali.request(method, path)).status_code == 404, (method, path)
    other = await make(ali)
    stolen = {"keywords_attributes": [{"id": keyword, "keyword": "x"}]}
    assert (await ali.put(f"{FILTERS}/{other['id']}", json=stolen)).status_code == 404
    assert (await ali.get(FILTERS)).json() == [other]
    assert (await FilterKeyword.get()).keyword == "mot"
    assert (await ali.get(f"/api/v1/statuses/{post.id}")).json()["filtered"] == []


async def test_a_token_must_allow_it(public: AsyncClient, log_in: LogIn, member: Actor):
    reader, writer = await log_in(member, "read:filters"), await log_in(member, "write:filters")
    for path in (FILTERS, "/api/v1/filters"):
        assert (await public.get(path)).status_code == (await public.post(path)).status_code == 401
        assert (await reader.post(path)).status_code == (await writer.get(path)).status_code == 403
        assert (await reader.get(path)).status_code == 200


async def test_what_filters_find_is_told_with_the_words(zoe: AsyncClient, other_member: Actor, member: Actor):
    made = await make(zoe, "foot", "chat", "absent")
    post = await factories.post(other_member, "Du FOOT <b>ici</b>")
    await Attachment.create(post=post, url="https://lille.test/1.png", description="un chat")
    for owner_post in (post, await factories.post(member, "du foot")):
        await HomeRow.create(owner=member, post=owner_post, item_id=owner_post.id, actor_id=owner_post.actor_id)

    own, theirs = (await zoe.get("/api/v1/timelines/home")).json()

    assert_shape([own, theirs], Many(OWN_STATUS))
    assert own["filtered"] == []
    [result] = theirs["filtered"]
    assert result == {"filter": made, "keyword_matches": ["foot", "chat"], "status_matches": None}


async def test_a_filter_hides_where_it_applies_and_pages_go_on_behind_it(
    zoe: AsyncClient, public: AsyncClient, member: Actor, other_member: Actor
):
    await make(zoe, "foot", action="hide", context="home")
    for text in ("un", "foot", "trois"):
        post = await factories.post(other_member, text)
        await HomeRow.create(owner=member, post=post, item_id=post.id, actor=other_member)

    assert [row["content"] for row in (await zoe.get("/api/v1/timelines/home")).json()] == ["<p>trois</p>", "<p>un</p>"]
    first = await zoe.get("/api/v1/timelines/home", params={"limit": 2})
    assert [row["content"] for row in first.json()] == ["<p>trois</p>"]
    assert [row["content"] for row in (await zoe.get(first.links["next"]["url"])).json()] == ["<p>un</p>"]
    for client in (zoe, public):
        assert len((await client.get("/api/v1/timelines/public")).json()) == 3
        assert len((await client.get(f"/api/v1/accounts/{other_member.id}/statuses")).json()) == 3


@pytest.mark.parametrize("context", ["public", "account", "thread"])
async def test_each_context_hides_in_its_own_place(zoe: AsyncClient, other_member: Actor, context: str):
    begun = await factories.post(other_member, "début")
    await factories.post(other_member, "foot")
    await factories.post(other_member, "foot aussi", in_reply_to=begun, in_reply_to_uri=begun.uri)
    await make(zoe, "foot", action="hide", context=context)

    shown = {
        "public": len((await zoe.get("/api/v1/timelines/public")).json()),
        "account": len((await zoe.get(f"/api/v1/accounts/{other_member.id}/statuses")).json()),
        "thread": len((await zoe.get(f"/api/v1/statuses/{begun.id}/context")).json()["descendants"]),
    }

    assert shown == {"public": 2, "account": 3, "thread": 1} | {context: {"thread": 0}.get(context, 1)}


async def test_a_filter_ends_and_is_taken_up_again(zoe: AsyncClient, other_member: Actor, member: Actor, ctx: Context):
    post = await factories.post(other_member, "foot")
    await HomeRow.create(owner=member, post=post, item_id=post.id, actor=other_member)
    made = await make(zoe, "foot", action="hide")
    await zoe.put(f"{FILTERS}/{made['id']}", json={"expires_in": 60})
    await sweep(ctx)
    assert (await zoe.get("/api/v1/timelines/home")).json() == []

    await sweep(later(ctx, minutes=1))
    assert len((await zoe.get("/api/v1/timelines/home")).json()) == 1
    assert [row["id"] for row in (await zoe.get(FILTERS)).json()] == [made["id"]]

    again = (await zoe.put(f"{FILTERS}/{made['id']}", json={"expires_in": ""})).json()
    assert again["expires_at"] is None
    assert (await zoe.get("/api/v1/timelines/home")).json() == []


async def test_clients_are_told_when_filters_end_once_for_each_member(
    zoe: AsyncClient, ali: AsyncClient, member: Actor, other_member: Actor, ctx: Context
):
    for client in (zoe, zoe, ali):
        made = await make(client, "foot")
        await client.put(f"{FILTERS}/{made['id']}", json={"expires_in": 60})
    published: list[Fact] = []

    async def publish(facts: Sequence[Fact]) -> None:
        published.extend(facts)

    for moment in (later(ctx, seconds=59), later(ctx, minutes=1), later(ctx, minutes=2)):
        await sweep(replace(moment, publish=publish))

    assert sorted(fact.owner.id for fact in published if isinstance(fact, FiltersChanged)) == [
        member.id,
        other_member.id,
    ]
    assert len(published) == 2


async def test_clients_of_old_see_one_filter_a_keyword(zoe: AsyncClient, ctx: Context):
    sent = {"phrase": "foot", "context": ["home"], "irreversible": True, "whole_word": False}
    made = (await zoe.post("/api/v1/filters", json=sent)).json()
    assert_shape(made, V1_FILTER)
    assert made == sent | {"id": made["id"], "expires_at": None}
    [new] = (await zoe.get(FILTERS)).json()
    assert (new["title"], new["filter_action"], new["keywords"][0]["id"]) == ("foot", "hide", made["id"])

    address = f"/api/v1/filters/{made['id']}"
    changed = (await zoe.put(address, json={"phrase": "but", "irreversible": False, "expires_in": 60})).json()
    assert (changed["phrase"], changed["irreversible"], changed["context"]) == ("but", False, ["home"])
    assert (await zoe.get(address)).json() == changed
    assert (await zoe.get("/api/v1/filters")).json() == [changed]
    assert (await zoe.delete(address)).json() == {}
    assert await Filter.all().count() == 0


async def test_clients_of_old_do_not_change_what_they_do_not_see(zoe: AsyncClient):
    made = await make(zoe, "un", "deux")
    address = f"/api/v1/filters/{made['keywords'][0]['id']}"
    assert len((await zoe.get("/api/v1/filters")).json()) == 2
    assert (await zoe.put(address, json={"context": ["public"]})).status_code == 422
    assert (await zoe.put(address, json={"phrase": "one", "context": ["home"]})).json()["phrase"] == "one"
    assert (await zoe.delete(address)).status_code == 200
    assert [row["keyword"] for row in (await zoe.get(f"{FILTERS}/{made['id']}")).json()["keywords"]] == ["deux"]


@pytest.mark.parametrize("sent", [{}, {"phrase": "x"}, {"phrase": "", "context": ["home"]}])
async def test_a_filter_of_old_needs_words_and_a_place(zoe: AsyncClient, sent: dict[str, Any]):
    assert (await zoe.post("/api/v1/filters", json=sent)).status_code == 422


async def test_filters_go_with_their_owner(zoe: AsyncClient, member: Actor, other_member: Actor, ctx: Context):
    post = await factories.post(other_member)
    made = await make(zoe, "un")
    await zoe.post(f"{FILTERS}/{made['id']}/statuses", json={"status_id": str(post.id)})
    await delete(member, ctx)
    assert await Filter.all().count() + await FilterKeyword.all().count() + await FilterPost.all().count() == 0
