"""At the desk: the reports that concern the section, read, noted and closed."""

import pytest

from models.consent import Look
from models.moderation import ReportCategory, ReportOutcome, SectionReport
from models.post import Post, Visibility
from models.reaction import Announce
from models.role import Role, SectionAct
from server.admin.rules import add
from server.posts import actions as posts
from server.posts.actions import Draft
from server.reports.actions import report
from server.sections import membership, roles, speaking
from tests import factories
from tests.web.pages import form_of, read, text, texts

DESK = "/@lille/desk"
REPORTS = f"{DESK}/reports"


@pytest.fixture
async def own(main_section, ctx):
    """A post of the section."""
    return await speaking.publish(main_section, None, Draft("Réunion samedi"), ctx)


@pytest.fixture
async def at(main_section, own, other_member, ctx):
    """Where a report about that post is read; Ali made it."""
    await report(other_member, main_section.actor, ctx, post_ids=[own.id], comment="C’est <faux>")
    return f"{REPORTS}/{(await SectionReport.get()).id}"


@pytest.fixture
async def max_(enter, main_section, ctx):
    """The browser of Max, who keeps order."""
    actor = await factories.member(ctx, "max", "Max")
    await roles.give(main_section, actor, Role.MODERATOR, None, ctx)
    return await enter(actor)


async def send(client, at, do, **typed):
    return await client.post(at, data=form_of(read(await client.get(at)), at) | {"do": do} | typed)


async def test_report_waits_and_is_read_without_who_made_it(max_, at, other_member):
    assert "1 signalement attend" in read(await max_.get(DESK)).get_text()
    listed = await max_.get(REPORTS)
    assert read(listed).select_one(f'main a[href="{at}"]') is not None
    one = await max_.get(at)

    page = read(one)
    assert text(page, "blockquote") == "C’est <faux>"
    assert "Réunion samedi" in text(page, "form .prose")
    assert "quelqu’un de ce serveur" in text(page, "dl")
    for answer in (listed, one):
        for word in (
            f"@{other_member.username}",
            other_member.url,
            f">{other_member.display_name}<",
            str(other_member.id),
        ):
            assert word not in answer.text
    assert {row.at_what for row in await Look.all()} == {"reports", "report"}


async def test_of_another_server_its_name_is_told(max_, main_section, ctx, world):
    instance = await factories.remote_actor(ctx, world, "https://far.test/actor", kind="Application")
    await report(instance, main_section.actor, ctx)

    assert "le serveur far.test" in text(read(await max_.get(REPORTS)), ".rows")


async def test_note_is_kept(max_, at):
    response = await send(max_, at, "note", note="Parlé à Inès.\r\nElle corrige.")

    assert response.headers["location"] == f"{at}?said=kept"
    assert form_of(read(await max_.get(at)), at)["note"] == "Parlé à Inès.\nElle corrige."


async def test_closed_as_nothing_done_it_waits_no_longer(max_, at, own):
    response = await send(max_, at, "nothing_done", note="Une blague")

    assert response.headers["location"] == f"{REPORTS}?said=report_closed"
    assert read(await max_.get(REPORTS)).select_one(".rows .empty") is not None
    assert "sans suite" in text(read(await max_.get(f"{REPORTS}?state=closed")), ".rows")
    page = read(await max_.get(at))
    assert form_of(page, at)["note"] == "Une blague"
    assert texts(page, "form button") == ["Garder la note"]
    assert await Post.exists(id=own.id)


async def test_what_was_ticked_is_taken_down(max_, at, own):
    box = read(await max_.get(at)).select_one("input[type=checkbox]")
    assert box["value"] == own.uri

    await send(max_, at, "dealt_with", **{box["name"]: box["value"]})

    assert not await Post.exists(id=own.id)
    assert (await SectionReport.get()).outcome is ReportOutcome.DEALT_WITH
    assert "1 publication n’est plus ici" in text(read(await max_.get(at)), "form .rows")


async def test_what_the_section_passes_on_is_passed_on_no_longer(max_, main_section, member, stranger, ctx):
    shown = await factories.post(stranger)
    await posts.announce(main_section.actor, shown, ctx)
    await report(member, stranger, ctx, post_ids=[shown.id])
    at = f"{REPORTS}/{(await SectionReport.get()).id}"

    await send(max_, at, "dealt_with", take_down_1=shown.uri)

    assert not await Announce.exists()
    assert await Post.exists(id=shown.id)


async def test_what_is_its_authors_alone_has_no_box(max_, main_section, member, other_member, ctx):
    for person in (member, other_member):
        await membership.add(main_section.actor, person)
    inside = await posts.publish(other_member, Draft("Entre nous", Visibility.SECTION, section=main_section.actor), ctx)
    await report(member, other_member, ctx, post_ids=[inside.id])
    at = f"{REPORTS}/{(await SectionReport.get()).id}"
    page = read(await max_.get(at))

    assert text(page, "form .prose") == "Entre nous"
    assert page.select_one("input[type=checkbox]") is None
    assert page.select_one(f'a[href="{inside.url}"]') is None
    assert (await send(max_, at, "dealt_with", take_down_1=inside.uri)).status_code == 404
    assert (await SectionReport.get()).closed_at is None


@pytest.mark.parametrize(
    ("do", "typed", "status"),
    [
        ("note", {"note": "x" * 2001}, 422),
        ("nothing_done", {"take_down": True}, 422),
        ("dealt_with", {"note": "x" * 2001}, 422),
        ("dealt_with", {"take_down_9": "https://far.test/1"}, 422),
        ("x", {}, 422),
    ],
)
async def test_what_will_not_do_is_kept_in_the_form(max_, at, own, do, typed, status):
    sent = {"note": "Attention"} | {name: text for name, text in typed.items() if name != "take_down"}
    if typed.get("take_down"):
        sent["take_down_1"] = own.uri
    page = read(await send(max_, at, do, **sent), status)

    assert form_of(page, at)["note"] == sent["note"]
    assert (page.select_one("input[type=checkbox][checked]") is not None) == ("take_down_1" in sent)
    row = await SectionReport.get()
    assert (row.closed_at, row.note) == (None, None)
    assert await Post.exists(id=own.id)


async def test_report_is_closed_once(max_, zoe, at):
    sent = form_of(read(await zoe.get(at)), at) | {"do": "nothing_done", "note": "Trop tard"}
    await send(max_, at, "dealt_with")

    page = read(await zoe.post(at, data=sent), 409)

    assert form_of(page, at)["note"] == "Trop tard"
    assert (await SectionReport.get()).outcome is ReportOutcome.DEALT_WITH


async def test_who_is_reported_does_not_see_it(zoe, max_, main_section, member, other_member, ctx):
    post = await factories.post(member, "Non", visibility=Visibility.SECTION, group=main_section.actor)
    await membership.add(main_section.actor, other_member)
    await report(other_member, member, ctx, post_ids=[post.id])
    at = f"{REPORTS}/{(await SectionReport.get()).id}"
    token = form_of(read(await zoe.get("/me")), "/logout")

    assert (await max_.get(at)).status_code == 200
    assert (await zoe.get(at)).status_code == 404
    assert (await zoe.post(at, data=token | {"do": "nothing_done"})).status_code == 404
    assert read(await zoe.get(REPORTS)).select_one(".rows .empty") is not None
    assert "signalement attend" not in read(await zoe.get(DESK)).get_text()


async def test_report_of_another_section_is_not_there(zoe, other_member, ctx):
    arras = await factories.section(ctx, "arras", "Section d’Arras", is_main=False)
    await report(other_member, arras, ctx)
    id_ = (await SectionReport.get()).id

    for wrong in (id_, 1, 2**63):
        assert (await zoe.get(f"{REPORTS}/{wrong}")).status_code == 404


async def test_editor_has_no_reports(enter, main_section, member, ctx, at):
    await roles.give(main_section, member, Role.EDITOR, None, ctx)
    client = await enter(member)
    token = form_of(read(await client.get("/me")), "/logout")

    assert "signalement" not in read(await client.get(DESK)).get_text()
    for address in (REPORTS, at):
        assert (await client.get(address)).status_code == 403
    assert (await client.post(at, data=token | {"do": "note", "note": "Non"})).status_code == 403
    assert not await Look.exists()


async def test_reports_are_read_page_by_page(max_, main_section, other_member, ctx):
    for number in range(22):
        await report(other_member, main_section.actor, ctx, comment=f"Numéro {number}")
    first = read(await max_.get(REPORTS))
    second = read(await max_.get(REPORTS + first.select_one('[rel="next"]')["href"]))

    shown = texts(first, ".rows .words") + texts(second, ".rows .words")
    assert shown == [f"Numéro {number}" for number in reversed(range(22))]
    await SectionReport.all().update(closed_at=ctx.now(), outcome=ReportOutcome.NOTHING_DONE)
    closed = read(await max_.get(f"{REPORTS}?state=closed"))
    rest = read(await max_.get(REPORTS + closed.select_one('[rel="next"]')["href"]))
    assert texts(rest, ".rows .words") == ["Numéro 1", "Numéro 0"]


async def test_journal_says_that_a_report_was_dealt_with_and_not_about_whom(zoe, max_, at):
    await send(max_, at, "nothing_done")
    page = read(await zoe.get(f"{DESK}/acts"))

    assert "Max a traité un signalement" in text(page, ".rows")
    assert "sans suite" in text(page, ".rows")
    assert "les signalements" in text(page, "#looks + .rows") or "un signalement" in text(page, "#looks + .rows")
    assert await SectionAct.filter(act="handle reports").count() == 1


async def test_kind_and_rules_of_a_report_are_read(max_, main_section, other_member, ctx):
    await add("Du <respect>")
    await report(other_member, main_section.actor, ctx, category=ReportCategory.VIOLATION, rule_numbers=[1])
    at = f"{REPORTS}/{(await SectionReport.get()).id}"
    words = text(read(await max_.get(at)), "dl")
    assert "contraire aux règles" in words
    assert "Du <respect>" in words
