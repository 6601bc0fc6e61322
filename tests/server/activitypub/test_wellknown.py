"""WebFinger and host-meta."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException

from federation.context import Context
from federation.naming import Names
from federation.webfinger import read_host_meta, read_jrd
from models.actor import Actor
from server.activitypub.wellknown import read_resource
from tests.server.activitypub.asker import Asker, Reply
from tests.world import ORIGIN

NAMES = Names(ORIGIN)
SELF = "application/activity+json"
JOIN, OBJECT = "https://w3id.org/fep/3b86/Join", "https://w3id.org/fep/3b86/Object"
SUBSCRIBE = "http://ostatus.org/schema/1.0/subscribe"
PROFILE_PAGE = "http://webfinger.net/rel/profile-page"


async def finger(asker: Asker, resource: str, *rels: str) -> Reply:
    query = f"resource={quote(resource)}" + "".join(f"&rel={quote(rel)}" for rel in rels)
    return await asker.get(f"/.well-known/webfinger?{query}", accept=None)


async def test_a_handle_leads_to_its_actor(asker: Asker, member: Actor):
    reply = await finger(asker, "acct:zoe@lille.test")

    assert reply.status == 200
    assert reply.headers["content-type"] == "application/jrd+json"
    assert reply.headers["access-control-allow-origin"] == "*"
    assert reply.json["subject"] == "acct:zoe@lille.test"
    assert set(reply.json["aliases"]) == {member.uri, member.url}
    assert {"rel": "self", "type": SELF, "href": member.uri} in reply.json["links"]
    assert {"rel": PROFILE_PAGE, "type": "text/html", "href": member.url} in reply.json["links"]


async def test_our_own_reader_understands_the_answer(asker: Asker, section: Actor):
    jrd = read_jrd((await finger(asker, "acct:lille@lille.test")).json)

    assert (jrd.subject, jrd.actor_uri) == ("acct:lille@lille.test", section.uri)


@pytest.mark.parametrize(
    "resource",
    [
        "acct:zoe@lille.test",
        "acct:ZOE@LILLE.test",
        "ACCT:zoe@lille.test:443",
        "https://lille.test/@zoe",
        "https://LILLE.test:443/@Zoe",
    ],
)
async def test_every_spelling_leads_to_the_one_subject(asker: Asker, member: Actor, resource: str):
    assert (await finger(asker, resource)).json["subject"] == "acct:zoe@lille.test"


async def test_the_uri_of_an_actor_or_of_its_key_leads_to_it(asker: Asker, member: Actor):
    for resource in (member.uri, member.key_uri):
        assert (await finger(asker, resource)).json["subject"] == "acct:zoe@lille.test"


@pytest.mark.parametrize(
    "resource",
    ["acct:lille.test@lille.test", "acct:instance@lille.test", f"{ORIGIN}/actor", ORIGIN, f"{ORIGIN}/"],
)
async def test_the_server_itself_can_be_asked_for(asker: Asker, instance: Actor, resource: str):
    reply = await finger(asker, resource)

    assert reply.json["subject"] == "acct:instance@lille.test"
    assert reply.json["links"][0]["href"] == instance.uri


async def test_only_the_links_of_the_relations_asked_for_are_given(asker: Asker, member: Actor):
    async def rels(*asked: str) -> list[str]:
        return [link["rel"] for link in (await finger(asker, "acct:zoe@lille.test", *asked)).json["links"]]

    assert await rels("self") == ["self"]
    assert await rels(PROFILE_PAGE) == [PROFILE_PAGE]
    assert await rels(PROFILE_PAGE, "self") == ["self", PROFILE_PAGE]
    assert await rels(JOIN) == [JOIN]
    assert await rels("me") == []
    assert await rels() == ["self", PROFILE_PAGE, JOIN, OBJECT, SUBSCRIBE]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "resource=",
        "resource=zoe",
        "resource=zoe%40lille.test",
        "resource=%40zoe%40lille.test",
        "resource=//lille.test/%40zoe",
        "rel=self",
        "resource=acct:zoe%40lille.test&resource=acct:ali%40lille.test",
    ],
)
async def test_a_question_that_is_none_is_malformed(asker: Asker, member: Actor, query: str):
    reply = await asker.get(f"/.well-known/webfinger?{query}")

    assert reply.status == 400
    assert set(reply.json) == {"error"}


@pytest.mark.parametrize(
    "resource",
    [
        "acct:nobody@lille.test",
        "acct:zoe@far.test",
        "acct:zoe@sub.lille.test",
        "acct:zoe@lille.test@far.test",
        "acct:zoe@lille.test:8443",
        "acct:zoe",
        "acct:",
        "acct:@zoe@lille.test",
        "acct:zo\x00e@lille.test",
        "acct:zoe@lille.test/x",
        "https://far.test/@zoe",
        "http://lille.test/@zoe",
        "https://lille.test/@nobody",
        "https://lille.test/@zoe/1",
        "https://lille.test/@",
        "https://lille.test/@zo\x00e",
        "https://lille.test/actors/1",
        "https://lille.test/posts/1",
        "https://lille.test\\@far.test/@zoe",
        "https://far.test@lille.test/@zoe",
        "https:zoe",
        "mailto:zoe@lille.test",
        "tag:lille.test,2026:zoe",
        "xmpp:zoe@lille.test",
    ],
)
async def test_whom_nobody_here_knows_is_not_found(asker: Asker, member: Actor, remote_actor: Actor, resource: str):
    assert (await finger(asker, resource)).status == 404


async def test_an_actor_of_another_server_is_not_ours_to_name(asker: Asker, remote_actor: Actor):
    assert (await finger(asker, remote_actor.uri)).status == 404
    assert (await finger(asker, "acct:noor@far.test")).status == 404


async def test_a_gone_actor_is_gone(asker: Asker, member: Actor, ctx: Context):
    await Actor.filter(id=member.id).update(gone_at=ctx.now())

    for resource in ("acct:zoe@lille.test", member.uri, member.url):
        assert (await finger(asker, resource)).status == 410


async def test_head_and_a_second_question_cost_no_body(asker: Asker, member: Actor):
    target = "/.well-known/webfinger?resource=acct:zoe@lille.test"
    got = await asker.get(target)

    assert (await asker.ask("HEAD", target)).headers == got.headers
    assert (await asker.get(target, if_none_match=got.headers["etag"])).status == 304


@given(st.text())
def test_any_resource_is_read_or_refused(resource: str):
    try:
        columns = read_resource(resource, NAMES)
    except HTTPException:
        return
    assert columns is None or set(columns) <= {"uri", "local_name"}


@given(st.sampled_from(["acct:", "https://lille.test/@", "https://lille.test/", "https://"]), st.text())
def test_no_name_reaches_the_database_with_what_it_cannot_hold(start: str, rest: str):
    columns = read_resource(start + rest, NAMES)

    assert columns is None or all("\x00" not in value and value.isprintable() for value in columns.values())


@given(
    st.from_regex(r"[A-Za-z0-9_]{1,30}", fullmatch=True), st.sampled_from(["lille.test", "LILLE.TEST", "Lille.Test"])
)
def test_every_handle_of_ours_is_read(username: str, host: str):
    assert read_resource(f"acct:{username}@{host}", NAMES) == {"local_name": username.lower()}


@given(st.from_regex(r"[a-z0-9-]{1,20}(\.[a-z0-9-]{1,20}){0,3}", fullmatch=True))
def test_no_name_at_another_host_is_ours(host: str):
    for resource in (f"acct:zoe@{host}", f"https://{host}/@zoe", f"https://{host}/actors/1", f"https://{host}/"):
        assert host == "lille.test" or read_resource(resource, NAMES) is None


def test_a_server_on_a_port_of_its_own_knows_its_names():
    names = Names("http://localhost:8000")

    assert read_resource("acct:zoe@localhost:8000", names) == {"local_name": "zoe"}
    assert read_resource("acct:zoe@localhost", names) is None
    assert read_resource("acct:localhost:8000@localhost:8000", names) == {"uri": names.instance_actor}
    assert read_resource("http://localhost:8000/@zoe", names) == {"local_name": "zoe"}


async def test_host_meta_says_where_to_ask(asker: Asker, ctx: Context):
    reply = await asker.get("/.well-known/host-meta")

    assert reply.headers["content-type"] == "application/xrd+xml; charset=utf-8"
    assert read_host_meta(reply.body) == f"{ORIGIN}/.well-known/webfinger?resource={{uri}}"


async def test_host_meta_says_it_in_json_too(asker: Asker, ctx: Context):
    reply = await asker.get("/.well-known/host-meta.json")

    assert reply.headers["content-type"] == "application/json"
    assert reply.json["links"] == [
        {
            "rel": "lrdd",
            "type": "application/jrd+json",
            "template": f"{ORIGIN}/.well-known/webfinger?resource={{uri}}",
        }
    ]


async def test_the_servers_own_address_names_its_actor(asker: Asker, instance: Actor):
    """Source: FEP-d556"""
    for resource in ("https://lille.test/", "https://lille.test", "acct:lille.test@lille.test"):
        links = (await asker.get(f"/.well-known/webfinger?resource={resource}")).json["links"]
        services = [link["href"] for link in links if link["rel"] == "https://www.w3.org/ns/activitystreams#Service"]
        assert services == [instance.uri]


async def test_no_other_actor_is_the_servers(asker: Asker, member: Actor):
    links = (await finger(asker, "acct:zoe@lille.test")).json["links"]
    assert [link["rel"] for link in links] == ["self", PROFILE_PAGE, JOIN, OBJECT, SUBSCRIBE]


async def test_members_look_up_and_join_what_is_on_other_servers_on_pages_of_ours(asker: Asker, member: Actor):
    """Source: FEP-3b86 §3"""
    jrd = read_jrd((await finger(asker, "acct:zoe@lille.test")).json)

    assert jrd.intents == {"join": f"{ORIGIN}/me/join?of={{object}}", "object": f"{ORIGIN}/search?q={{object}}"}
    assert jrd.subscribe_template == f"{ORIGIN}/search?q={{uri}}"


async def test_sections_and_the_server_join_nothing(asker: Asker, section: Actor, instance: Actor):
    for resource in ("acct:lille@lille.test", "acct:instance@lille.test"):
        assert read_jrd((await finger(asker, resource)).json).intents == {}
