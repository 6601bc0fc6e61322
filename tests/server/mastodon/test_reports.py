"""Clients report somebody to the moderators."""

from httpx2 import AsyncClient

from federation.context import Context
from models.actor import Actor
from models.moderation import Report
from server.admin.rules import add
from tests import factories
from tests.server.api import LogIn
from tests.server.mastodon.shapes import REPORT, Many, assert_shape


async def test_an_account_is_reported_with_its_statuses(zoe: AsyncClient, member: Actor, other_member: Actor):
    post = await factories.post(other_member)
    sent = {"account_id": str(other_member.id), "status_ids": [str(post.id)], "comment": "Non", "category": "spam"}

    answer = await zoe.post("/api/v1/reports/", json=sent | {"forward": True})

    found = answer.json()
    assert_shape(found, REPORT)
    assert (found["category"], found["comment"], found["status_ids"]) == ("spam", "Non", [str(post.id)])
    assert (found["action_taken"], found["forwarded"]) == (False, False)
    report = await Report.get()
    assert (report.reporter_id, report.reported_id, report.post_uris) == (member.id, other_member.id, [post.uri])


async def test_what_makes_no_report_is_refused(
    zoe: AsyncClient, public: AsyncClient, member: Actor, other_member: Actor
):
    wrong = {
        422: [{}, {"account_id": "x"}, {"account_id": str(other_member.id), "category": "odd"}],
        404: [{"account_id": "1"}],
        409: [{"account_id": str(member.id)}],
    }
    for status, bodies in wrong.items():
        for body in bodies:
            assert (await zoe.post("/api/v1/reports", json=body)).status_code == status
    assert (await public.post("/api/v1/reports", json={"account_id": str(member.id)})).status_code == 401
    assert not await Report.exists()


async def test_members_see_what_they_reported_and_whether_it_was_dealt_with(
    zoe: AsyncClient,
    ali: AsyncClient,
    public: AsyncClient,
    log_in: LogIn,
    member: Actor,
    other_member: Actor,
    ctx: Context,
):
    post = await factories.post(other_member)
    for comment in ("Un", "Deux"):
        body = {"account_id": str(other_member.id), "status_ids": [str(post.id)], "comment": comment}
        await zoe.post("/api/v1/reports", json=body)
    await Report.filter(comment="Un").update(resolved_at=ctx.now())

    first = await zoe.get("/api/v1/reports", params={"limit": 1})
    second = await zoe.get(first.links["next"]["url"])

    assert_shape([*first.json(), *second.json()], Many(REPORT))
    said = [(row["comment"], row["action_taken"]) for row in (*first.json(), *second.json())]
    assert said == [("Deux", False), ("Un", True)]
    assert first.json()[0]["status_ids"] == [str(post.id)]
    assert (await ali.get("/api/v1/reports")).json() == []
    assert (await public.get("/api/v1/reports")).status_code == 401
    assert (await (await log_in(member, "write")).get("/api/v1/reports")).status_code == 403


async def test_the_rules_it_is_about_are_kept(zoe: AsyncClient, other_member: Actor):
    for text in ("Du respect", "Pas de publicité"):
        await add(text)
    sent = {"account_id": str(other_member.id), "category": "violation", "rule_ids": ["2", "7", "2", "x"]}

    assert (await zoe.post("/api/v1/reports", json=sent)).json()["rule_ids"] == ["2"]

    [found] = (await zoe.get("/api/v1/reports")).json()
    assert_shape(found, REPORT)
    assert (found["category"], found["rule_ids"]) == ("violation", ["2"])
    assert (await zoe.post("/api/v1/reports", data={"account_id": str(other_member.id)})).json()["rule_ids"] is None
