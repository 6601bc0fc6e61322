"""Setting up a server in a browser: what is refused, what is kept, and that it works once."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.actor import ActorType
from models.member import Member, MemberRole
from models.section import Section
from server.sections.setup import new_setup_token
from tests.web.conftest import browser
from tests.web.pages import read, text, texts

ANSWERS = {
    "section_name": "Section de Lille-Centre",
    "handle": "lille",
    "description": "Bonjour <à> tous.\r\n\r\nVenez.",
    "place": "Lille, Nord",
    "contact": "lille@section.example",
    "time_zone": "Europe/Paris",
    "username": "zoe",
    "display_name": "Zoé Lambert",
    "email": "Zoe@section.example",
    "password": "cheval agrafe pile",
    "password_again": "cheval agrafe pile",
}


@pytest.fixture
async def address(ctx):
    return f"/setup/{await new_setup_token()}"


async def test_form_makes_the_section_and_its_first_administrator(visitor, address, ctx):
    response = await visitor.post(address, data=ANSWERS)

    assert (response.status_code, response.headers["location"]) == (303, "/setup/done")
    section = await Section.get(is_main=True).select_related("actor")
    assert (section.actor.type, section.actor.username, section.actor.name) == (
        ActorType.GROUP, "lille", "Section de Lille-Centre",
    )  # fmt: skip
    assert section.actor.note_html == "<p>Bonjour &lt;à&gt; tous.</p><p>Venez.</p>"
    member = await Member.get(actor__local_name="zoe").select_related("actor")
    assert (member.role, member.email, member.language) == (MemberRole.ADMIN, "Zoe@section.example", "fr")
    assert member.password_hash.startswith("$argon2id$")


async def test_after_the_set_up_the_section_is_there_for_everybody(visitor, address):
    await visitor.get("/")
    await visitor.post(address, data=ANSWERS)

    assert text(read(await visitor.get("/")), "h1") == "Section de Lille-Centre"
    assert "@lille@lille.test" in text(read(await visitor.get("/setup/done")), ".steps")


async def test_form_says_which_answers_are_needed(visitor, address):
    page = read(await visitor.get(address))

    assert page.select_one("form")["action"] == address
    assert {field["name"] for field in page.select("[required]")} == {
        "section_name", "username", "password", "password_again",
    }  # fmt: skip
    labelled = {label["for"] for label in page.select("label")}
    assert labelled == {field["id"] for field in page.select("form input, form textarea, form select")}


@pytest.mark.parametrize("token", ["wrong", "A" * 43, "é", "x" * 5000])
async def test_wrong_token_finds_nothing(visitor, address, token):
    assert (await visitor.get(f"/setup/{token}")).status_code == 404
    assert (await visitor.post(f"/setup/{token}", data=ANSWERS)).status_code == 404
    assert not await Section.exists()


async def test_token_works_once(visitor, address):
    await visitor.post(address, data=ANSWERS)

    assert (await visitor.get(address)).status_code == 404
    again = ANSWERS | {"handle": "other", "username": "other", "email": ""}
    assert (await visitor.post(address, data=again)).status_code == 404
    assert await Section.all().count() == 1


async def test_older_token_stops_working_when_a_newer_is_made(visitor, address):
    newer = await new_setup_token()

    assert (await visitor.get(address)).status_code == 404
    assert (await visitor.get(f"/setup/{newer}")).status_code == 200


async def test_there_is_nothing_done_before_the_set_up(visitor, address):
    assert (await visitor.get("/setup/done")).status_code == 404


async def test_passwords_that_differ_keep_everything_but_themselves(visitor, address):
    response = await visitor.post(address, data=ANSWERS | {"password_again": "cheval agrafe pie"})

    page = read(response, 422)
    assert text(page, "#password_again-error") == "Les deux mots de passe ne sont pas les mêmes."
    assert page.select_one("#password_again")["aria-invalid"] == "true"
    kept = {field["name"]: field["value"] for field in page.select("form input")}
    assert kept == {name: ANSWERS[name] for name in kept if "password" not in name} | {
        "password": "",
        "password_again": "",
    }
    assert page.select_one("textarea").get_text().strip("\n") == "Bonjour <à> tous.\n\nVenez."
    assert "cheval" not in response.text
    assert not await Section.exists()


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("section_name", "  ", "Donnez un nom à la section."),
        ("section_name", "x" * 201, "200 caractères au plus."),
        ("handle", "Lille Centre", "Un nom ne contient que des lettres sans accent, des chiffres et _."),
        ("handle", "élan", "Un nom ne contient que des lettres sans accent, des chiffres et _."),
        ("handle", "x" * 31, "Un nom compte au plus 30 caractères."),
        ("handle", "admin", "Ce nom est réservé. Choisissez-en un autre."),
        ("username", "lille", "La section porte ce nom\u00a0: choisissez-en un autre pour vous."),
        ("username", "", "Choisissez un nom."),
        ("email", "zoe", "Ce n’est pas une adresse électronique."),
        ("email", "zoe@a@b.fr", "Ce n’est pas une adresse électronique."),
        ("description", "x" * 2001, "Ce texte compte au plus 2\u00a0000 caractères."),
        ("time_zone", "Mars/Olympus", "Choisissez un des fuseaux horaires."),
        ("password", "neuf cara", "Un mot de passe compte au moins 10 caractères."),
        (
            "password",
            "aaaaaaaaaaaaa",
            "Ce mot de passe est parmi les premiers que l’on essaierait. Choisissez-en un autre.",
        ),
    ],
)
async def test_answer_that_will_not_do_is_named_and_kept(visitor, address, field, typed, sentence):
    response = await visitor.post(address, data=ANSWERS | {field: typed, "password_again": ANSWERS["password"]})

    page = read(response, 422)
    assert sentence.replace("\u00a0", " ") in text(page, ".summary").replace("\u00a0", " ")
    assert page.select_one(f".summary a[href='#{field}']") is not None
    assert not await Section.exists()


async def test_handle_that_is_taken_is_refused_with_another_proposed(visitor, address, member):
    page = read(await visitor.post(address, data=ANSWERS | {"handle": "zoe", "username": "alice"}), 422)

    assert text(page, "#handle-error") == "Ce nom est pris. Choisissez-en un autre."
    assert page.select_one("#handle")["value"] == "zoe"
    assert text(page, ".field + .note .copy") == "lille_centre"


async def test_handle_left_empty_comes_back_with_a_proposal(visitor, address):
    page = read(await visitor.post(address, data=ANSWERS | {"handle": ""}), 422)

    assert page.select_one("#handle")["value"] == "lille_centre"
    assert "gardez-le ou changez-le" in text(page, "#handle-error")


async def test_everything_wrong_is_said_at_once(visitor, address):
    page = read(await visitor.post(address, data={"email": "x"}), 422)

    assert len(texts(page, ".summary li")) == 5


async def test_set_up_speaks_english_to_those_who_read_it(app, address):
    async with browser(app, language="en") as visitor:
        page = read(await visitor.post(address, data=ANSWERS | {"password": "short", "password_again": "short"}), 422)

    assert text(page, "#password-error") == "A password needs at least 10 characters."


async def test_set_up_page_is_kept_by_no_cache(visitor, address):
    assert (await visitor.get(address)).headers["cache-control"] == "no-store"


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from([*ANSWERS, "language", "x"]), st.text(max_size=60)))
async def test_whatever_is_typed_is_answered(visitor, address, typed):
    response = await visitor.post(address, data=typed)

    assert response.status_code == 422
    assert "<script" not in response.text
