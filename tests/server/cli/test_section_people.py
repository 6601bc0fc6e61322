"""What a section knows of its people, from the command line."""

import csv
import io
from pathlib import Path

import pytest

from federation.context import Context
from models.actor import Actor
from models.consent import Look
from models.delivery import Delivery
from models.membership import Membership, MembershipState
from server.cli.console import out
from server.errors import Conflict, Invalid, NotFound
from server.sections import membership
from tests import factories
from tests.server.cli.installation import Installation, install
from tests.world import World


@pytest.fixture
def coopole(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """An installation with a section, a member of it, somebody who asks, and a contact."""
    coopole = install(database_url, tmp_path, monkeypatch)
    monkeypatch.setattr(out, "_width", 300)  # no cell is folded

    async def fill(ctx: Context) -> None:
        section = await factories.section(ctx, "lille", "Section de Lille")
        await membership.add(section, await factories.member(ctx, "zoe", "Zoé"))
        await membership.ask(await factories.member(ctx, "ali", "Ali"), section, ctx)
        await factories.contact(section, "rosa@post.example", name="Rosa")

    coopole.look(fill)
    return coopole


def test_a_person_is_noted_and_shown(coopole: Installation) -> None:
    coopole.say(
        "section",
        "people",
        "note",
        "lille",
        "zoe",
        "--status",
        "sympathiser",
        "--dues",
        "2027-12-31",
        "--text",
        "[x] mardi",
    )
    coopole.say("section", "people", "share", "lille", "zoe", "--email", "zoe@post.example", "--phone", "0320000000")
    shown = coopole.say("section", "people", "show", "lille", "zoe")
    for line in ("Status: sympathiser", "Dues until: 2027-12-31", "Note: [x] mardi", "E-mail: zoe@post.example"):
        assert line in shown.splitlines()
    assert "0320000000" in coopole.say("section", "people", "list", "lille")


def test_what_is_shared_is_withdrawn(coopole: Installation) -> None:
    coopole.say("section", "people", "share", "lille", "zoe", "--email", "zoe@post.example")
    coopole.say("section", "people", "stop-sharing", "lille", "zoe", "email")
    assert "post.example" not in coopole.say("section", "people", "show", "lille", "zoe")
    said = coopole.say("privacy", "consents", "zoe")
    assert "share_email" in said
    assert said.count("command") == 2


def test_all_is_exported_into_a_file_of_its_owner(coopole: Installation, tmp_path: Path) -> None:
    path = tmp_path / "members.csv"
    coopole.say("section", "people", "export", "lille", "--output", str(path))
    [_, line] = csv.reader(io.StringIO(path.read_text()))
    assert line[:2] == ["zoe", "Zoé"]
    assert path.stat().st_mode & 0o777 == 0o600
    assert isinstance(coopole.run("section", "people", "export", "lille", "--output", str(path)).exception, Conflict)
    assert "zoe,Zoé" in coopole.say("section", "people", "export", "lille")


def test_who_waits_and_who_left_an_address_is_listed(coopole: Installation) -> None:
    waiting = coopole.say("section", "people", "waiting", "lille")
    assert "ali" in waiting
    assert "zoe" not in waiting
    assert "rosa@post.example" in coopole.say("section", "people", "contacts", "lille")


def test_every_look_is_written_down(coopole: Installation) -> None:
    for words in (("members", "lille"), *(("people", *rest) for rest in (
        ("list", "lille"), ("show", "lille", "zoe"), ("waiting", "lille"), ("contacts", "lille"), ("export", "lille"),
    ))):  # fmt: skip
        coopole.say("section", *words)

    async def look(ctx: Context) -> list[str]:
        return [row.at_what for row in await Look.all().order_by("id")]

    assert coopole.look(look) == ["list", "list", "@zoe", "requests", "contacts", "export"]
    assert coopole.say("section", "people", "looks", "lille").count("command line") == 6


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("list", "zoe"), NotFound),
        (("show", "lille", "ali"), NotFound),
        (("note", "lille", "zoe", "--dues", "tomorrow"), Invalid),
        (("share", "lille", "zoe"), Invalid),
        (("share", "lille", "zoe", "--phone", "x"), Invalid),
        (("share", "lille", "ali", "--phone", "0320000000"), NotFound),
    ],
)
def test_what_cannot_be_done_is_refused(coopole: Installation, words: tuple[str, ...], error: type[Exception]) -> None:
    async def look(ctx: Context) -> bool:
        return await Membership.exists(phone__not_isnull=True)

    assert isinstance(coopole.run("section", "people", *words).exception, error)
    assert not coopole.look(look)


@pytest.fixture
def elsewhere(coopole: Installation) -> Installation:
    """The same, where zoe belongs to a section on another server too."""

    async def fill(ctx: Context) -> None:
        uri = "https://brest.test/actors/brest"
        group = await factories.remote_actor(ctx, World(), uri, kind="Group", acceptsSharedDetails=True)
        member = await Actor.get(local_name="zoe")
        await Membership.create(group=group, member=member, state=MembershipState.ACCEPTED)

    coopole.look(fill)
    return coopole


def test_details_are_shared_with_a_section_elsewhere_and_withdrawn(elsewhere: Installation) -> None:
    async def owed(ctx: Context) -> int:
        return await Delivery.filter(inbox_uri="https://brest.test/actors/brest/inbox").count()

    section = "@brest@brest.test"
    elsewhere.say("section", "people", "share", section, "zoe", "--email", "zoe@post.example", "--phone", "0320000000")
    said = elsewhere.say("privacy", "consents", "zoe")
    assert "send_email" in said
    assert "send_phone" in said
    assert elsewhere.look(owed) == 2
    elsewhere.say("section", "people", "stop-sharing", section, "zoe", "email")
    assert elsewhere.say("privacy", "withdraw", "zoe", section, "send_phone").strip() == "Withdrawn."
    assert elsewhere.look(owed) == 4
    assert "post.example" not in elsewhere.say("privacy", "known", "zoe")


def test_who_belongs_to_no_section_there_shares_nothing_with_it(elsewhere: Installation) -> None:
    refused = elsewhere.run("section", "people", "share", "@brest@brest.test", "ali", "--email", "ali@post.example")
    assert isinstance(refused.exception, NotFound)
