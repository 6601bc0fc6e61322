"""Reporting a post: what reaches the moderators, what its own server is told, and what is refused."""

import pytest

from federation.actors import create_local
from models.actor import ActorType
from models.moderation import Report
from server.admin import rules
from tests import factories
from tests.federation.sending import sent_by
from tests.web.pages import fill, read, text, texts
from tests.world import key_pair


@pytest.fixture
async def zoe(enter, member):
    return await enter(member)


async def test_the_moderators_read_why_which_rules_and_the_words(zoe, other_member, section, say):
    await rules.add("Pas d’insultes", "Même entre amis")
    await rules.add("Pas de publicité")
    post = await say(other_member, "Bête que vous êtes")
    address = f"/threads/{post.id}/report"
    page = read(await zoe.get(address))
    assert "Bête que vous êtes" in text(page, ".quoted")
    assert page.select_one("[name=forward]") is None

    answer = await fill(zoe, address, **{"reason": "violation", "rule-1": "yes", "comment": "Encore."})

    assert answer.headers["location"] == f"/threads/{post.id}?said=post_reported"
    row = await Report.get().select_related("reported")
    assert (row.category, row.rule_numbers, row.comment) == ("violation", [1], "Encore.")
    assert (row.reported.id, row.post_uris) == (other_member.id, [post.uri])
    assert "Merci." in text(read(await zoe.get(answer.headers["location"])), ".said")


@pytest.mark.parametrize("forward", [{}, {"forward": "yes"}])
async def test_another_server_is_told_if_asked_and_not_by_whom(zoe, remote_actor, section, ctx, member, forward):
    instance = await create_local(
        ctx.names, ActorType.APPLICATION, "instance", display_name="lille.test", now=ctx.now(),
        uri=ctx.names.instance_actor, rsa_key=key_pair(3),
    )  # fmt: skip
    post = await factories.post(remote_actor, "Méchant")

    await fill(zoe, f"/threads/{post.id}/report", reason="spam", comment="Encore lui", **forward)

    sent = await sent_by(instance)
    assert [one["type"] for one in sent] == (["Flag"] if forward else [])
    assert member.uri not in str(sent)
    assert "Encore lui" in str(sent) or not forward


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"comment": "Voilà"}, "Dites pourquoi : choisissez l’une des raisons."),
        ({"reason": "envy", "comment": "Voilà"}, "Dites pourquoi : choisissez l’une des raisons."),
        ({"reason": "other", "comment": "a" * 1001}, "Un signalement peut avoir 1 000 caractères au plus."),
    ],
)
async def test_what_cannot_be_sent_is_said_and_what_was_typed_kept(zoe, other_member, section, say, typed, said):
    post = await say(other_member, "Bonjour")

    page = read(await fill(zoe, f"/threads/{post.id}/report", **typed), 422)

    assert text(page, ".summary") == said
    assert text(page, "#comment") == typed["comment"]
    assert await Report.all().count() == 0


async def test_nobody_reports_themselves(zoe, member, section, say):
    post = await say(member, "Bonjour")

    page = read(await fill(zoe, f"/threads/{post.id}/report", reason="other"), 409)

    assert texts(page, ".summary") == ["Vous ne pouvez pas vous signaler vous-même."]
    assert page.select_one('[value="other"]').has_attr("checked")


async def test_the_longest_report_fits(zoe, other_member, section, say):
    for number in range(5):
        await rules.add(f"{number} " + "é" * 400)
    post = await say(other_member, "Bonjour")
    chosen = {f"rule-{number}": "yes" for number in range(1, 6)}

    answer = await fill(zoe, f"/threads/{post.id}/report", reason="violation", comment="a" * 1000, **chosen)

    assert answer.status_code == 303
    assert (await Report.get()).rule_numbers == [1, 2, 3, 4, 5]
