"""The rules of the server, in its own words, and the directory of its sections."""

from datetime import timedelta

from httpx2 import AsyncClient

from federation.context import Context
from models.actor import Actor
from models.section import Section
from server.admin import rules
from tests import factories
from tests.server.mastodon.shapes import ACCOUNT, RULES, Many, assert_shape


async def test_rules_are_shown_to_everybody(public: AsyncClient, main_section: Section):
    assert (await public.get("/api/v1/instance/rules")).json() == []
    await rules.add("Parlez aux personnes, pas aux étiquettes.", "Ni insultes ni moqueries.")

    found = (await public.get("/api/v1/instance/rules")).json()

    assert_shape(found, RULES)
    assert found == [
        {
            "id": "1", "text": "Parlez aux personnes, pas aux étiquettes.", "hint": "Ni insultes ni moqueries.",
            "translations": {},
        }
    ]  # fmt: skip
    for version in ("v1", "v2"):
        assert (await public.get(f"/api/{version}/instance")).json()["rules"] == found


async def test_the_server_says_its_languages(public: AsyncClient):
    found = (await public.get("/api/v1/instance/languages")).json()
    assert_shape(found, Many({"code": str, "name": str}))
    assert [row["code"] for row in found] == ["fr", "en"]
    assert (await public.get("/api/v1/instance/translation_languages")).json() == {}


async def test_the_directory_lists_sections_and_nobody_else(
    public: AsyncClient, main_section: Section, member: Actor, remote_actor: Actor, ctx: Context
):
    await factories.section(ctx, "roubaix", "Roubaix", is_main=False)
    hidden = await factories.section(ctx, "secret", "Secret", is_main=False)
    await Actor.filter(id=hidden.id).update(is_discoverable=False)
    await Actor.filter(id=main_section.actor_id).update(last_post_at=ctx.now() + timedelta(hours=1))

    async def handles(**asked: object) -> list[str]:
        found = (await public.get("/api/v1/directory", params=asked)).json()
        assert_shape(found, Many(ACCOUNT))
        return [row["acct"] for row in found]

    assert await handles() == ["lille", "roubaix"]
    assert await handles(order="new") == ["roubaix", "lille"]
    assert await handles(limit=1, offset=1) == ["roubaix"]
