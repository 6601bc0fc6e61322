"""Importing a calendar at a section's desk: bring it, look at it, choose; and what is wrong is said."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from models.calendar import CalendarImport
from models.event import Event
from models.role import Role
from server.errors import AppError
from server.housekeeping import run
from server.housekeeping.chores import Terms
from server.sections import roles
from tests.server.events.test_importing import ADDRESS, calendar
from tests.web.pages import form_of, read, text, texts
from web.shared.forms import read_form

DESK = "/@lille/desk/import"


@pytest.fixture
async def zoe(enter, member, main_section, ctx):
    """The browser of Zoé, who writes for the section."""
    await roles.give(main_section, member, Role.EDITOR, None, ctx)
    return await enter(member)


async def bring(client, body=b"", **typed):
    form = form_of(read(await client.get(DESK)), DESK, "bring")
    form.pop("file")
    files = {"file": ("a.ics", body, "text/calendar")}
    return await client.post(DESK, data=form | typed, files=files)


async def brought(client, body, **typed):
    answer = await bring(client, body, **typed)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"], read(await client.get(answer.headers["location"]))


async def test_a_file_is_looked_at_and_what_is_chosen_is_published(zoe, section, ctx):
    where, page = await brought(zoe, calendar(ctx, "Réunion", "Débat"))
    assert text(page, "legend") == "2 nouveaux événements"
    assert len(page.select("input[type=checkbox]")) == 2
    form = form_of(page, DESK, "take") | {"take-1": page.select_one("input[name=take-1]")["value"]}

    answer = await zoe.post(DESK, data=form)

    assert answer.headers["location"] == f"{where}&said=imported"
    after = read(await zoe.get(answer.headers["location"]))
    assert text(after, ".said") == "Les événements choisis ont été publiés."
    assert text(after, "legend") == "1 nouvel événement"
    assert "Réunion" in text(after, "#known + .rows")
    assert [event.post.title for event in await Event.all().select_related("post")] == ["Réunion"]


async def test_an_address_is_fetched(zoe, world, ctx):
    world.serve({}, url=ADDRESS)
    world.documents[ADDRESS] = calendar(ctx, "Réunion")

    _, page = await brought(zoe, b"", url=ADDRESS)

    assert text(page, "legend") == "1 nouvel événement"


async def test_what_cannot_be_read_is_listed_with_the_reason(zoe, ctx):
    body = calendar(ctx, "Réunion", more="RRULE:FREQ=SECONDLY") + calendar(ctx, "Hier", days=-3)
    _, page = await brought(zoe, body)

    assert text(page, "#unreadable + .rows") == "Réunion Il se répète d’une façon qui n’est pas comprise ici."
    assert "1 événement est passé" in " ".join(texts(page, ".note"))
    assert text(page, ".empty") == "Il n’y a rien de nouveau dans ce calendrier."


async def test_what_names_no_place_takes_place_where_one_says(zoe, ctx):
    body = calendar(ctx, "Réunion").replace(b"LOCATION:Halles", b"LOCATION:")
    _, page = await brought(zoe, body, place="Maison de quartier")

    assert "Maison de quartier" in text(page, "label.choice")


@pytest.mark.parametrize(
    ("body", "url", "problem"),
    [
        (b"", "", "Choisissez un fichier, ou donnez l’adresse d’un calendrier."),
        (b"<html>", "", "Ce n’est pas un fichier de calendrier (.ics)."),
        (b"", "https://nowhere.test/a.ics", "Aucun calendrier n’a pu être lu à cette adresse."),
        (b"", "https://127.0.0.1/a.ics", "Aucun calendrier n’a pu être lu à cette adresse."),
    ],
)
async def test_what_is_wrong_is_said_and_what_was_typed_is_kept(zoe, body, url, problem):
    answer = await bring(zoe, body, url=url, place="Halles")

    page = read(answer, 422)
    assert text(page, "[role=alert]") == problem
    assert page.select_one("#place")["value"] == "Halles"
    assert not await CalendarImport.exists()


async def test_nothing_chosen_shows_the_list_again(zoe, ctx):
    _, page = await brought(zoe, calendar(ctx, "Réunion"))

    answer = await zoe.post(DESK, data=form_of(page, DESK, "take"))

    assert text(read(answer, 422), "[role=alert]") == "Choisissez 1 à 25 événements."
    assert text(read(answer, 422), "legend") == "1 nouvel événement"


async def test_a_file_that_is_too_large_is_refused(zoe):
    assert (await bring(zoe, b"x" * 1_200_000)).status_code == 413


async def test_what_was_brought_is_the_sections_alone(zoe, enter, other_member, main_section, ctx):
    where, _ = await brought(zoe, calendar(ctx, "Réunion"))
    await roles.give(main_section, other_member, Role.MODERATOR, None, ctx)
    ali = await enter(other_member)

    assert (await ali.get(where)).status_code == 403
    assert (await zoe.get(f"{DESK}?import=1")).status_code == 404
    assert (await zoe.get(f"{DESK}?import=x")).status_code == 422


async def test_form_from_another_site_is_refused(zoe, ctx):
    form = form_of(read(await zoe.get(DESK)), DESK, "bring") | {"url": ADDRESS}

    answer = await zoe.post(DESK, data=form, headers={"Origin": "https://evil.example"})

    assert answer.status_code == 403


async def test_only_who_may_publish_stands_here(visitor, enter, other_member, main_section, ctx):
    await roles.give(main_section, other_member, Role.MODERATOR, None, ctx)
    ali = await enter(other_member)

    assert (await ali.get(DESK)).status_code == 403
    assert (await visitor.get(DESK)).headers["location"].startswith("/login?next=")


async def test_what_was_brought_is_gone_after_a_day(zoe, world, ctx):
    await brought(zoe, calendar(ctx, "Réunion"))
    await run.sweep(Terms(ctx.now() + timedelta(hours=23), 0), seconds=5)
    assert await CalendarImport.exists()
    await run.sweep(Terms(ctx.now() + timedelta(hours=25), 0), seconds=5)
    assert not await CalendarImport.exists()


def multipart(body, boundary="x"):
    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", f"multipart/form-data; boundary={boundary}".encode())]
    return Request({"type": "http", "method": "POST", "headers": headers, "path": "/", "query_string": b""}, receive)


PIECES = (
    b"--x\r\n", b"--x--\r\n", b"\r\n", b"Content-Disposition: form-data", b'; name="a"', b'; filename="b"',
    b"Content-Type: x/y", b"caf\xe9", b"\x00",
)  # fmt: skip


@given(st.binary(max_size=300) | st.lists(st.sampled_from(PIECES)).map(b"".join))
async def test_no_multipart_form_makes_reading_fail(body):
    try:
        found = await read_form(multipart(body))
    except AppError:
        return
    assert all(isinstance(value, str) for value in found.values())
