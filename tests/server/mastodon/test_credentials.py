"""A member's own profile, changed by their client."""

from typing import Any

import pytest
from httpx2 import AsyncClient

from models.actor import Actor, ActorType
from models.media import STAYS_UNTIL, Media
from models.member import Member
from tests.pictures import photograph
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


async def test_what_new_posts_begin_as_is_kept_and_used(zoe: AsyncClient, member: Actor) -> None:
    sent = {"source": {"privacy": "private", "sensitive": True, "language": "br"}, "bot": True}
    answer = await zoe.patch(ADDRESS, json=sent)

    assert {name: answer.json()["source"][name] for name in sent["source"]} == sent["source"]
    assert answer.json()["bot"] is True
    told = (await zoe.get("/api/v1/preferences")).json()
    assert told["posting:default:visibility"] == "private"
    assert told["posting:default:sensitive"] is True
    posted = (await zoe.post("/api/v1/statuses", json={"status": "Bonjour"})).json()
    assert (posted["visibility"], posted["sensitive"], posted["language"]) == ("private", True, "br")
    other = (
        await zoe.post("/api/v1/statuses", json={"status": "À tous", "visibility": "public", "sensitive": False})
    ).json()
    assert (other["visibility"], other["sensitive"]) == ("public", False)
    await zoe.patch(ADDRESS, json={"bot": False})
    assert (await Actor.get(id=member.id)).type is ActorType.PERSON


@pytest.mark.parametrize("source", [{"privacy": "direct"}, {"privacy": "x"}, {"language": "x" * 17}])
async def test_what_new_posts_cannot_begin_as_changes_nothing(zoe: AsyncClient, member: Actor, source: Any) -> None:
    assert (await zoe.patch(ADDRESS, json={"display_name": "Neuf", "source": source})).status_code == 422
    assert (await Actor.get(id=member.id)).display_name == "Zoé"


async def test_pictures_are_files_of_a_form(zoe: AsyncClient, member: Actor) -> None:
    files = {"avatar": ("a.jpg", photograph(), "image/jpeg"), "header": ("b.png", photograph("PNG"), "image/png")}
    answer = await zoe.patch(ADDRESS, data={"display_name": "Zoé L."}, files=files)

    actor = await Actor.get(id=member.id)
    assert answer.json()["display_name"] == "Zoé L."
    assert (answer.json()["avatar"], answer.json()["header"]) == (actor.icon_url, actor.image_url)
    for url in (actor.icon_url, actor.image_url):
        assert (await zoe.get(url or "")).status_code == 200
    bad = await zoe.patch(ADDRESS, files={"avatar": ("a.txt", b"text", "text/plain")})
    assert bad.status_code == 422
    await zoe.delete("/api/v1/profile/avatar")
    assert (await Actor.get(id=member.id)).icon_url is None
    assert await Media.filter(expires_at=STAYS_UNTIL).count() == 1
