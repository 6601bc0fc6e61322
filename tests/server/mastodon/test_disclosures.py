"""What the server as a whole makes known, and what it keeps to itself until its administrator says otherwise."""

from datetime import UTC, date, datetime, timedelta

import pytest
from httpx2 import AsyncClient

from federation.context import Context
from models import database
from models.actor import Actor
from models.ids import first_id_at, new_id
from models.post import Visibility
from server.admin import figures, terms
from server.admin.switches import Switch, turn
from server.errors import Invalid, NotFound
from tests import factories
from tests.server.mastodon.endpoint_shapes import TERMS
from tests.server.mastodon.shapes import assert_shape


@pytest.mark.parametrize(("path", "switch"), [("peers", Switch.PEERS), ("activity", Switch.ACTIVITY)])
async def test_figures_are_made_known_if_the_administrator_wishes_it(
    public: AsyncClient, member: Actor, remote_actor: Actor, path: str, switch: Switch
) -> None:
    address = f"/api/v1/instance/{path}"
    refused = await public.get(address)
    assert (refused.status_code, list(refused.json())) == (404, ["error"])

    await turn(switch, on=True)
    found = (await public.get(address)).json()
    if path == "peers":
        assert found == [remote_actor.host]
    else:
        assert len(found) == figures.WEEKS
        assert {type(value) for row in found for value in row.values()} == {str}
        assert set(found[0]) == {"week", "statuses", "logins", "registrations"}
    assert (await public.get(address)).json() == found

    await turn(switch, on=False)
    assert (await public.get(address)).status_code == 404


async def test_servers_that_are_blocked_or_left_are_not_named(remote_actor: Actor, ctx: Context) -> None:
    assert await figures.known_hosts() == [remote_actor.host]
    await Actor.filter(id=remote_actor.id).update(blocked_at=ctx.now())
    assert await figures.known_hosts() == []


async def test_open_posts_and_newcomers_are_counted_by_week(member: Actor, stranger: Actor) -> None:
    now = datetime(2026, 11, 25, 12, tzinfo=UTC)  # a Wednesday
    monday = datetime(2026, 11, 23, tzinfo=UTC)
    await database.execute("UPDATE member SET id = $1::bigint", first_id_at(monday - timedelta(weeks=2)) + 5)
    for at, author, visibility in (
        (monday, member, Visibility.PUBLIC), (now, member, Visibility.UNLISTED), (now, member, Visibility.FOLLOWERS),
        (now, stranger, Visibility.PUBLIC), (monday - timedelta(seconds=1), member, Visibility.PUBLIC),
        (monday - timedelta(weeks=12), member, Visibility.PUBLIC),
    ):  # fmt: skip
        id_ = first_id_at(at) + new_id() % 1000
        await factories.post(author, visibility=visibility, id=id_)

    found = await figures.weeks(now)

    assert [week.began_at for week in found] == [monday - number * timedelta(weeks=1) for number in range(12)]
    assert [week.posts for week in found] == [2, 1] + [0] * 10
    assert [week.newcomers for week in found] == [0, 0, 1] + [0] * 9


async def test_terms_hold_from_a_day_on(public: AsyncClient, section: Actor, ctx: Context) -> None:
    address, today = "/api/v1/instance/terms_of_service", ctx.now().date()
    assert (await public.get(address)).status_code == 404
    await terms.publish("Demain", today + timedelta(days=1))
    assert (await public.get(address)).json()["effective"] is False
    await terms.publish("Depuis *hier*\n\nhttps://lille.test/", today - timedelta(days=1))
    await terms.publish("D'abord", date(2026, 1, 1))

    now = (await public.get(address)).json()
    assert_shape(now, TERMS)
    assert (now["effective"], now["effective_date"]) == (True, (today - timedelta(days=1)).isoformat())
    assert now["succeeded_by"] == (today + timedelta(days=1)).isoformat()
    assert 'href="https://lille.test/"' in now["content"]
    first = (await public.get(f"{address}/2026-01-01")).json()
    assert (first["content"], first["succeeded_by"]) == ("<p>D'abord</p>", now["effective_date"])
    for day in ("2026-01-02", "x", "2026-1-1"):
        assert (await public.get(f"{address}/{day}")).status_code == 404


async def test_terms_that_cannot_be_are_refused(db: str) -> None:
    for text in (" ", "x" * (terms.MAX_CHARACTERS + 1)):
        with pytest.raises(Invalid):
            await terms.publish(text, date(2026, 1, 1))
    for number in range(terms.MAX_KEPT):
        await terms.publish("x", date(2026, 1, 1) + timedelta(days=number))
    await terms.publish("y", date(2026, 1, 1))
    with pytest.raises(Invalid):
        await terms.publish("x", date(2025, 1, 1))
    await terms.withdraw(date(2026, 1, 1))
    with pytest.raises(NotFound):
        await terms.withdraw(date(2026, 1, 1))


async def test_the_privacy_policy_is_on_the_page_about_the_server(public: AsyncClient, main_section: object) -> None:
    found = (await public.get("/api/v1/instance/privacy_policy")).json()
    assert 'href="https://lille.test/about#privacy"' in found["content"]
    urls = (await public.get("/api/v2/instance")).json()["configuration"]["urls"]
    assert urls["privacy_policy"] == "https://lille.test/about#privacy"
    assert urls["terms_of_service"] is None


async def test_before_the_server_is_set_up_there_is_no_policy(public: AsyncClient) -> None:
    assert (await public.get("/api/v1/instance/privacy_policy")).status_code == 404
