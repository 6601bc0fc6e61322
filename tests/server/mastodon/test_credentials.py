"""A member's own profile, changed by their client."""

from typing import Any

import pytest
from httpx2 import AsyncClient

from models.actor import Actor
from models.member import Member
from tests.server.api import LogIn
from tests.server.mastodon.shapes import CREDENTIAL_ACCOUNT, assert_shape

ADDRESS = "/api/v1/accounts/update_credentials"
FIELDS = [{"name": "Site", "value": "https://zoe.example"}, {"name": "Ville", "value": "Lille"}]


@pytest.mark.parametrize(
    "how",
    [
        {"json": {"display_name": "Zoé L.", "fields_attributes": FIELDS}},
        {"json": {"display_name": "Zoé L.", "fields_attributes": {"0": FIELDS[0], "1": FIELDS[1]}}},
        {
            "data": {
                "display_name": "Zoé L.",
                "fields_attributes[0][name]": "Site",
                "fields_attributes[0][value]": "https://zoe.example",
                "fields_attributes[1][name]": "Ville",
                "fields_attributes[1][value]": "Lille",
            }
        },
    ],
)
async def test_a_profile_is_changed_however_it_is_sent(zoe: AsyncClient, member: Actor, how: dict[str, Any]) -> None:
    answer = await zoe.patch(ADDRESS, **how)

    assert answer.status_code == 200
    assert_shape(answer.json(), CREDENTIAL_ACCOUNT)
    assert answer.json()["display_name"] == "Zoé L."
    assert [item["value"] for item in answer.json()["source"]["fields"]] == ["https://zoe.example", "Lille"]
    assert (await Actor.get(id=member.id)).display_name == "Zoé L."


async def test_switches_are_kept_and_what_is_not_sent_stays(zoe: AsyncClient, member: Actor) -> None:
    body = {"locked": "true", "discoverable": "false", "indexable": "1", "source[language]": "en"}
    answer = await zoe.patch(ADDRESS, data=body)

    entity = answer.json()
    assert (entity["locked"], entity["discoverable"], entity["indexable"]) == (True, False, True)
    assert (entity["display_name"], entity["source"]["language"]) == ("Zoé", "en")
    assert (await Member.get(actor_id=member.id)).language == "en"


async def test_a_note_is_plain_text_and_may_be_emptied(zoe: AsyncClient, member: Actor) -> None:
    assert (await zoe.patch(ADDRESS, json={"note": "ici <& là"})).json()["note"] == "<p>ici &lt;&amp; là</p>"
    assert (await zoe.patch(ADDRESS, json={"note": ""})).json()["note"] == ""


async def test_what_makes_no_sense_is_refused(zoe: AsyncClient, member: Actor) -> None:
    for body in ({"note": "x" * 2001}, {"source": {"language": "/etc"}}):
        assert (await zoe.patch(ADDRESS, json=body)).status_code == 422


async def test_a_profile_is_changed_by_its_owner_alone(public: AsyncClient, log_in: LogIn, member: Actor) -> None:
    assert (await public.patch(ADDRESS, json={"note": "x"})).status_code == 401
    assert (await (await log_in(member, "read")).patch(ADDRESS, json={"note": "x"})).status_code == 403
