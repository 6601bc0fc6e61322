"""The pages that say what went wrong."""

import re

import pytest
from bs4 import BeautifulSoup
from starlette.requests import Request
from starlette.routing import Route

from server.errors import Conflict
from tests.web.conftest import browser
from tests.web.pages import read, text
from web.routes import error_page


def asked(app, language="fr"):
    headers = [(b"accept-language", language.encode())]
    return Request({"type": "http", "app": app, "headers": headers, "state": {"request_id": "0123456789abcdef"}})


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 410, 413, 418, 422, 429, 500, 502, 503])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_status_has_a_calm_page_in_both_languages(app, status, language):
    response = error_page(asked(app, language), status, "Whatever a machine would say")

    body = response.body.decode()
    assert response.status_code == status
    assert f'<html lang="{language}">' in body
    assert "machine" not in body
    assert response.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in response.headers["content-security-policy"]


def test_sentence_of_ours_is_said_in_the_language_of_the_reader(app):
    page = error_page(asked(app), 409, "This name is taken. Choose another.").body.decode()

    assert "Ce nom est pris. Choisissez-en un autre." in page


def test_failure_shows_its_number_and_nothing_else(app):
    page = error_page(asked(app), 500, "This name is taken. Choose another.").body.decode()

    assert "0123456789abcdef" in page
    assert "Ce nom est pris" not in page


def test_number_is_shown_for_a_failure_alone(app):
    assert "0123456789abcdef" not in error_page(asked(app), 404, "").body.decode()


async def test_address_without_a_page_gets_one_in_the_site_it_belongs_to(visitor, section):
    await visitor.get("/")

    page = read(await visitor.get("/nowhere"), 404)

    assert text(page, ".masthead-name") == "Section de Lille"
    assert text(page, "h1") == "Cette page n’existe pas"
    assert page.select_one("a.button")["href"] == "/"


async def test_failure_inside_a_page_is_answered_with_the_number_of_the_request(app, section):
    async def fail(_request):
        raise RuntimeError("the secret reason")

    app.router.routes.insert(0, Route("/fail", fail))
    async with browser(app, raises=False) as visitor:
        response = await visitor.get("/fail")

    assert re.fullmatch("[0-9a-f]{16}", text(read(response, 500), "code"))
    assert "secret" not in response.text


async def test_program_gets_no_page(visitor, section):
    response = await visitor.get("/nowhere", headers={"Accept": "application/json"})

    assert response.headers["content-type"] == "application/json"


async def test_conflict_raised_in_a_page_is_said(app):
    async def fail(_request):
        raise Conflict("This name is taken. Choose another.")

    app.router.routes.insert(0, Route("/fail", fail))
    async with browser(app) as visitor:
        page = read(await visitor.get("/fail"), 409)

    assert text(page, ".lead") == "Ce nom est pris. Choisissez-en un autre."


@pytest.mark.parametrize(
    ("status", "ways"),
    [
        (404, ["/", "/agenda", "/directory"]),
        (403, ["/", "/agenda", "/directory", "/login", "/@lille/contact"]),
        (500, ["/"]),
    ],
)
async def test_page_says_where_to_go_from_here(app, visitor, section, status, ways):
    await visitor.get("/")
    page = BeautifulSoup(error_page(asked(app), status, "").body, "html.parser")

    assert [link["href"] for link in page.select(".error-page .presses a")] == ways
    assert bool(page.select(".error-page form[action='/search']")) == (status == 404)
