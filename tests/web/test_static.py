"""Style, fonts and pictures."""

import gzip
import re

import pytest
from httpx2 import Response

from tests.web.pages import read
from web.shared.static import FOLDER, files, url_for_static, version

FIRST_VIEW_BYTES = 100_000


async def test_address_with_the_hash_may_be_kept_for_ever(visitor, section):
    response = await visitor.get(url_for_static("css/coopole.css"))

    assert response.headers["content-type"] == "text/css; charset=utf-8"
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("name", ["avatar-missing.png", "header-missing.png", "favicon.svg", "apple-touch-icon.png"])
async def test_plain_address_is_asked_for_anew(visitor, section, name):
    response = await visitor.get(f"/static/{name}")
    again = await visitor.get(f"/static/{name}", headers={"If-None-Match": response.headers["etag"]})

    assert (response.status_code, again.status_code) == (200, 304)
    assert "immutable" not in response.headers["cache-control"]


async def test_address_of_an_older_version_still_finds_the_file(visitor, section):
    response = await visitor.get("/static/000000000000/css/coopole.css")

    assert response.status_code == 200
    assert "immutable" not in response.headers["cache-control"]


@pytest.mark.parametrize(
    "path", ["nothing.css", "../routes.py", "%2e%2e/routes.py", "css", "", f"{version()}/", "fonts/../x"]
)
async def test_what_is_no_file_of_ours_is_not_found(visitor, section, path):
    assert (await visitor.get(f"/static/{path}")).status_code == 404


def test_style_names_only_files_that_are_there():
    style = (FOLDER / "css/coopole.css").read_text()
    for name in re.findall(r'url\("\.\./([^"]+)"\)', style):
        assert name in files()
    assert not re.search(r"https?://|@import", style)


def test_every_font_has_its_licence_beside_it():
    for font in (FOLDER / "fonts").glob("*.woff2"):
        assert "SIL OPEN FONT LICENSE" in font.with_name(f"{font.stem}.LICENSE.txt").read_text()


def sent(answer: Response) -> int:
    """Count the bytes that a reverse proxy sends (docs/deploy.md), which packs text."""
    is_text = answer.headers["content-type"].startswith("text/")
    return len(gzip.compress(answer.content) if is_text else answer.content)


async def test_first_view_is_light(visitor, section, say):
    for number in range(20):
        await say(section, f"Compte rendu de la réunion numéro {number}. " * 5)
    response = await visitor.get("/")

    page = read(response)
    loaded = {link["href"] for link in page.select("link[rel=stylesheet], link[rel=preload], link[rel=icon]")}
    answers = [response, *[await visitor.get(address) for address in loaded]]
    assert sum(len(answer.content) for answer in answers) < FIRST_VIEW_BYTES + 20_000
    assert sum(sent(answer) for answer in answers) < FIRST_VIEW_BYTES
