"""The reports that concern a section, from the command line."""

from pathlib import Path

import pytest

from federation.context import Context
from models.actor import Actor
from models.consent import Look
from models.moderation import ReportCategory, SectionReport
from models.post import Post
from models.section import Section
from server.admin.rules import add
from server.cli.console import out
from server.errors import Conflict, Invalid, NotFound
from server.posts.actions import Draft
from server.reports.actions import report
from server.sections import speaking
from tests import factories
from tests.server.cli.installation import Installation, install


@pytest.fixture
def coopole(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """An installation with a section, of which a post was reported by somebody here."""
    coopole = install(database_url, tmp_path, monkeypatch)
    monkeypatch.setattr(out, "_width", 300)  # no cell is folded

    async def fill(ctx: Context) -> None:
        actor = await factories.section(ctx, "lille", "Section de Lille")
        section = await Section.get(actor_id=actor.id).select_related("actor")
        post = await speaking.publish(section, None, Draft("Réunion samedi"), ctx)
        await report(
            await factories.member(ctx, "zoe", "Zoé"),
            actor,
            ctx,
            post_ids=[post.id],
            comment="[x] faux",
            category=ReportCategory.VIOLATION,
            rule_numbers=[(await add("Du [respect]")).number],
        )

    coopole.look(fill)
    return coopole


def number(coopole: Installation) -> str:
    """The number of the report."""

    async def look(ctx: Context) -> str:
        return str((await SectionReport.get()).id)

    return coopole.look(look)


def posts(coopole: Installation) -> list[str]:
    """What the section published."""

    async def look(ctx: Context) -> list[str]:
        return [post.uri for post in await Post.filter(actor=await Actor.get(local_name="lille"))]

    return coopole.look(look)


def test_reports_are_listed_and_shown_without_who_made_them(coopole: Installation) -> None:
    listed = coopole.say("section", "reports", "list", "lille")
    shown = coopole.say("section", "reports", "show", "lille", number(coopole))

    assert "[x] faux" in listed
    assert "Kind: violation" in shown
    assert "Rules: Du [respect]" in shown
    assert number(coopole) in listed
    for line in ("About: lille", "From: (this server)", "Comment: [x] faux", f"Post: {posts(coopole)[0]}"):
        assert line in shown.splitlines()
    assert "zoe" not in listed + shown

    async def looked(ctx: Context) -> list[tuple[str, int | None]]:
        return [(row.at_what, row.viewer_id) for row in await Look.all().order_by("id")]

    assert coopole.look(looked) == [("reports", None), ("report", None)]


def test_a_report_is_noted_and_closed(coopole: Installation) -> None:
    coopole.say("section", "reports", "note", "lille", number(coopole), "Parlé à [Inès]")
    said = coopole.say("section", "reports", "close", "lille", number(coopole), "nothing_done")

    assert said.strip() == f"Report {number(coopole)} is closed: nothing_done."
    assert number(coopole) not in coopole.say("section", "reports", "list", "lille")
    assert "nothing_done" in coopole.say("section", "reports", "list", "lille", "--closed")
    assert "Note: Parlé à [Inès]" in coopole.say("section", "reports", "show", "lille", number(coopole))
    assert len(posts(coopole)) == 1


def test_what_was_reported_is_taken_down(coopole: Installation) -> None:
    [uri] = posts(coopole)
    coopole.say("section", "reports", "close", "lille", number(coopole), "dealt_with", "--take-down", uri)

    assert posts(coopole) == []


def test_what_cannot_be_done_is_refused(coopole: Installation) -> None:
    close = ("section", "reports", "close", "lille", number(coopole))
    assert isinstance(coopole.run(*close, "nothing_done", "--take-down", posts(coopole)[0]).exception, Invalid)
    assert isinstance(coopole.run("section", "reports", "show", "lille", "1").exception, NotFound)
    assert isinstance(coopole.run("section", "reports", "list", "zoe").exception, NotFound)
    coopole.say(*close, "nothing_done")
    assert isinstance(coopole.run(*close, "dealt_with").exception, Conflict)
    assert len(posts(coopole)) == 1
