"""A member's own profile, as they typed it."""

import pytest
from httpx2 import AsyncClient

from models.activity import ActivityRecord
from models.actor import Actor
from tests.server.api import LogIn
from tests.server.mastodon.shapes import CREDENTIAL_ACCOUNT, PROFILE, assert_shape


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_a_profile_is_changed_and_shown_as_it_was_typed(zoe: AsyncClient, member: Actor, method: str):
    await zoe.post("/api/v1/featured_tags", data={"name": "nord"})
    sent = {
        "display_name": "Zoé D.", "note": "Du #nord & d’ailleurs", "indexable": True, "locked": True,
        "fields_attributes": [{"name": "Vélo", "value": "rouge"}],
    }  # fmt: skip

    answer = (await zoe.request(method, "/api/v1/profile", json=sent)).json()

    assert_shape(answer, PROFILE)
    assert (await zoe.get("/api/v1/profile")).json() == answer
    assert (answer["display_name"], answer["note"]) == ("Zoé D.", "Du #nord & d’ailleurs")
    assert (answer["indexable"], answer["locked"], answer["avatar"]) == (True, True, None)
    assert answer["fields"] == [{"name": "Vélo", "value": "rouge", "verified_at": None}]
    assert [row["name"] for row in answer["featured_tags"]] == ["nord"]


@pytest.mark.parametrize(("name", "column"), [("avatar", "icon_url"), ("header", "image_url")])
async def test_a_picture_is_taken_off_and_followers_are_told(zoe: AsyncClient, member: Actor, name: str, column: str):
    await Actor.filter(id=member.id).update(**{column: "https://lille.test/media/a.png"})

    answer = (await zoe.delete(f"/api/v1/profile/{name}")).json()

    assert_shape(answer, CREDENTIAL_ACCOUNT)
    assert answer[name].endswith(f"/static/{name}-missing.png")
    assert getattr(await Actor.get(id=member.id), column) is None
    assert await ActivityRecord.filter(type="Update").count() == 1
    assert (await zoe.delete(f"/api/v1/profile/{name}")).status_code == 200
    assert await ActivityRecord.filter(type="Update").count() == 1


async def test_a_profile_is_for_its_owner(public: AsyncClient, log_in: LogIn, member: Actor):
    other = await log_in(member, "read:lists", "write:lists")
    for method, path in (
        ("GET", "profile"),
        ("PUT", "profile"),
        ("DELETE", "profile/avatar"),
        ("DELETE", "profile/header"),
    ):
        assert (await public.request(method, f"/api/v1/{path}")).status_code == 401
        assert (await other.request(method, f"/api/v1/{path}")).status_code == 403
    assert (await (await log_in(member, "profile")).get("/api/v1/profile")).status_code == 200
