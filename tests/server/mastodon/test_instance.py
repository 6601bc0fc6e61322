"""What the server says of itself."""

import re

from httpx2 import AsyncClient
from starlette.applications import Starlette

from models.actor import Actor
from models.section import Section
from server.config import VERSION
from server.front_door import Repeats
from server.mastodon import instance
from tests import factories
from tests.server.mastodon.shapes import INSTANCE_V1, INSTANCE_V2, assert_shape


async def test_both_forms_have_every_key_that_strict_clients_decode(public: AsyncClient, main_section: Section):
    assert_shape((await public.get("/api/v2/instance")).json(), INSTANCE_V2)
    assert_shape((await public.get("/api/v1/instance")).json(), INSTANCE_V1)


async def test_both_forms_are_there_before_any_section_is(public: AsyncClient):
    v2, v1 = (await public.get("/api/v2/instance")).json(), (await public.get("/api/v1/instance")).json()

    assert_shape(v2, INSTANCE_V2)
    assert_shape(v1, INSTANCE_V1)
    assert v2["title"] == v1["title"] == "lille.test"
    assert v2["contact"]["account"] is None


async def test_the_server_is_called_like_its_main_section(public: AsyncClient, section: Actor):
    await Actor.filter(id=section.id).update(note_html="<p>On est <b>là</b></p>")
    await Section.all().update(contact="bonjour@lille.test")

    v2 = (await public.get("/api/v2/instance")).json()

    assert (v2["domain"], v2["title"], v2["description"]) == ("lille.test", "Section de Lille", "On est là")
    assert (v2["contact"]["email"], v2["contact"]["account"]["acct"]) == ("bonjour@lille.test", "lille")


async def test_the_version_begins_with_a_mastodon_that_clients_know(public: AsyncClient):
    for path in ("/api/v1/instance", "/api/v2/instance"):
        found = (await public.get(path)).json()
        assert found["version"] == f"4.3.0 (compatible; Coopole {VERSION})"
        assert re.match(r"\d+\.\d+\.\d+ ", found["version"])
        assert found.get("api_versions") == (None if "v1" in path else {"mastodon": 2})


async def test_only_totals_are_told(public: AsyncClient, member: Actor, other_member: Actor, remote_actor: Actor):
    await factories.post(member)
    await factories.post(remote_actor)

    stats = (await public.get("/api/v1/instance")).json()["stats"]

    assert stats == {"user_count": 2, "status_count": 1, "domain_count": 1}


async def test_nobody_signs_up_through_a_client(public: AsyncClient):
    assert (await public.get("/api/v2/instance")).json()["registrations"]["enabled"] is False
    assert (await public.get("/api/v1/instance")).json()["registrations"] is False


async def test_the_answer_is_kept_for_a_while_and_then_written_anew(
    public: AsyncClient, app: Starlette, section: Actor
):
    moment = 0.0
    await public.get("/api/v2/instance")
    instance._KEPT[app].clock = lambda: moment
    instance._KEPT[app].forget()
    app.state.repeats = Repeats(lambda: moment)

    async def title() -> str:
        return str((await public.get("/api/v2/instance")).json()["title"])

    assert await title() == "Section de Lille"
    await Actor.filter(id=section.id).update(display_name="Lille")
    assert await title() == "Section de Lille"
    moment = instance.TTL_SECONDS
    assert await title() == "Lille"
