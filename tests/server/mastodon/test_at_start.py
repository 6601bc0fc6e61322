"""What clients ask at their start: markers, preferences, and what this server does not offer."""

from typing import Any

import pytest
from httpx2 import AsyncClient

from federation.context import Context
from models.actor import Actor
from models.marker import Marker
from models.member import Member
from models.section import Section
from server.members.leaving import delete
from server.oauth import apps
from server.oauth.tokens import create_token
from tests.server.api import LogIn
from tests.server.mastodon.shapes import Many, assert_shape, id_, instant, integer

MARKER = {"last_read_id": id_, "version": integer, "updated_at": instant}
BOTH = {"timeline[]": ["home", "notifications"]}


async def test_apps_tell_each_other_how_far_a_member_has_read(zoe: AsyncClient, ali: AsyncClient):
    assert (await zoe.get("/api/v1/markers", params=BOTH)).json() == {}
    first = (await zoe.post("/api/v1/markers", json={"home": {"last_read_id": "123"}})).json()
    assert_shape(first, {"home": MARKER})
    assert (first["home"]["last_read_id"], first["home"]["version"]) == ("123", 1)

    form = {"home[last_read_id]": "124", "notifications[last_read_id]": "7"}
    second = (await zoe.post("/api/v1/markers", data=form)).json()
    assert_shape(second, {"home": MARKER, "notifications": MARKER})
    assert (second["home"]["last_read_id"], second["home"]["version"]) == ("124", 2)
    assert (await zoe.get("/api/v1/markers", params=BOTH)).json() == second
    assert set((await zoe.get("/api/v1/markers", params={"timeline[]": ["home", "lists"]})).json()) == {"home"}
    assert (await zoe.get("/api/v1/markers")).json() == {}
    assert (await ali.get("/api/v1/markers", params=BOTH)).json() == {}


@pytest.mark.parametrize("sent", [{"home": "123"}, {"home": {"last_read_id": "x"}}, {"home": {"other": "1"}}])
async def test_a_marker_needs_an_id(zoe: AsyncClient, sent: dict[str, Any]):
    assert (await zoe.post("/api/v1/markers", json=sent)).status_code == 422


async def test_markers_go_with_their_owner(zoe: AsyncClient, member: Actor, ctx: Context):
    await zoe.post("/api/v1/markers", json={"home": {"last_read_id": "123"}})
    await delete(member, ctx)
    assert await Marker.all().count() == 0


async def test_preferences_have_keys_with_colons(zoe: AsyncClient, login: Member):
    found = (await zoe.get("/api/v1/preferences")).json()
    assert_shape(
        found,
        {
            "posting:default:visibility": str, "posting:default:sensitive": bool, "posting:default:language": str,
            "posting:default:quote_policy": str, "reading:expand:media": str, "reading:expand:spoilers": bool,
            "reading:autoplay:gifs": bool,
        },
    )  # fmt: skip
    assert found["posting:default:language"] == login.language


@pytest.mark.parametrize(
    "path",
    ["trends", "trends/tags", "trends/statuses", "trends/links", "custom_emojis"],
)
async def test_what_is_not_offered_is_an_empty_list_for_everybody(zoe: AsyncClient, public: AsyncClient, path: str):
    for client in (zoe, public):
        answer = await client.get(f"/api/v1/{path}")
        assert (answer.status_code, answer.json()) == (200, [])


async def test_nobody_is_suggested_and_peers_are_not_shown(zoe: AsyncClient, public: AsyncClient):
    for path in ("/api/v1/suggestions", "/api/v2/suggestions"):
        assert (await zoe.get(path)).json() == []
        assert (await public.get(path)).status_code == 401
    somebody = (await zoe.get("/api/v1/accounts/verify_credentials")).json()["id"]
    assert (await zoe.delete(f"/api/v1/suggestions/{somebody}")).json() == {}
    assert (await zoe.delete("/api/v1/suggestions/1")).status_code == 404
    for path in ("peers", "activity", "terms_of_service"):
        answer = await zoe.get(f"/api/v1/instance/{path}")
        assert (answer.status_code, set(answer.json())) == (404, {"error"})


async def test_at_first_nothing_is_announced_and_nobody_recommended(
    zoe: AsyncClient, public: AsyncClient, section: Actor
):
    for path in ("announcements", "endorsements"):
        assert (await zoe.get(f"/api/v1/{path}")).json() == []
        assert (await public.get(f"/api/v1/{path}")).status_code == 401
    assert (await public.get(f"/api/v1/accounts/{section.id}/endorsements")).json() == []
    assert (await zoe.post("/api/v1/announcements/1/dismiss")).status_code == 404
    assert (await zoe.get(f"/api/v1/accounts/{section.id}/identity_proofs")).json() == []
    assert (await zoe.get("/api/v1/accounts/1/identity_proofs")).status_code == 404


async def test_the_server_describes_itself_as_its_main_section_does(public: AsyncClient, main_section: Section):
    assert (await public.get("/api/v1/instance/extended_description")).status_code == 404
    await Actor.filter(id=main_section.actor_id).update(note_html="<p>À Lille</p>")
    found = (await public.get("/api/v1/instance/extended_description")).json()
    assert_shape(found, {"updated_at": instant, "content": str})
    assert found["content"] == "<p>À Lille</p>"


async def test_a_program_asks_which_one_it_is(zoe: AsyncClient, public: AsyncClient, login: Member):
    program, secret = await apps.register("Tusky", ["tusky://x", "https://a.test/"], scopes="read")
    token = await create_token(login, ["push"], program)
    answer = await public.get("/api/v1/apps/verify_credentials", headers={"Authorization": f"Bearer {token}"})
    assert_shape(answer.json(), {"id": id_, "name": str, "scopes": Many(str), "redirect_uris": Many(str)})
    assert (answer.json()["name"], answer.json()["redirect_uris"]) == ("Tusky", ["tusky://x", "https://a.test/"])
    assert secret not in answer.text
    assert (await zoe.get("/api/v1/apps/verify_credentials")).status_code == 404
    assert (await public.get("/api/v1/apps/verify_credentials")).status_code == 401


async def test_a_token_must_allow_it(public: AsyncClient, log_in: LogIn, member: Actor):
    other = await log_in(member, "read:lists", "write:lists")
    for method, path in (("GET", "/api/v1/markers"), ("POST", "/api/v1/markers"), ("GET", "/api/v1/preferences")):
        assert (await public.request(method, path)).status_code == 401
        assert (await other.request(method, path)).status_code == 403
