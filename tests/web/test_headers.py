"""What every page promises: no script, no stranger, no trace."""

import re

import pytest

from models.section import Section
from server.sections.setup import new_setup_token
from tests.web.conftest import browser
from web.shared.headers import page_headers


@pytest.fixture
async def addresses(section, member, say):
    await Section.filter(actor_id=section.id).update(
        charter="Ensemble.", first_colour="#c8102e", latitude=1, longitude=1
    )
    post = await say(section, "Bonjour https://far.test/ et #bus")
    await say(member, "Salut", in_reply_to=post)
    return ["/", "/@lille", "/@zoe", f"/@lille/{post.id}", "/follow?of=lille", "/about", "/setup/done", "/@lille/charter",
            "/search?q=bus", "/directory?near=59000", "/nowhere"]  # fmt: skip


async def test_every_page_bears_the_same_strict_headers(visitor, addresses):
    for address in addresses:
        headers = (await visitor.get(address)).headers
        assert headers["content-security-policy"] == (
            "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; media-src 'self'; base-uri 'none'; "
            "frame-ancestors 'none'; form-action 'self' https:"
        )
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["content-language"] == "fr"
        assert "Accept-Language" in headers["vary"]


async def test_no_page_has_a_script_a_style_of_its_own_or_anything_from_elsewhere(visitor, addresses):
    for address in addresses:
        body = (await visitor.get(address)).text
        assert not re.search(
            r"<script(?! type=\"application/ld\+json\")|<style|<iframe|<object|\sstyle=|\son\w+=|javascript:", body
        )
        loaded = re.findall(
            r'<(?:img|link rel="(?:stylesheet|icon|preload|apple-touch-icon)")[^>]*(?:src|href)="([^"]+)"', body
        )
        assert all(url.startswith(("/static/", "/colours/")) for url in loaded)


async def test_set_up_page_is_as_strict(visitor, ctx):
    headers = (await visitor.get(f"/setup/{await new_setup_token()}")).headers

    assert "default-src 'none'" in headers["content-security-policy"]


def test_forms_may_lead_to_http_only_where_this_server_is_a_test():
    assert page_headers(is_secure=True)["Content-Security-Policy"].endswith("form-action 'self' https:")
    assert page_headers(is_secure=False)["Content-Security-Policy"].endswith("https: http:")


async def test_page_that_has_not_changed_is_not_sent_again(visitor, section):
    first = await visitor.get("/")

    again = await visitor.get("/", headers={"If-None-Match": first.headers["etag"]})

    assert first.headers["cache-control"] == "no-cache"
    assert (again.status_code, again.content) == (304, b"")


async def test_page_in_another_language_has_another_tag(app, visitor, section):
    async with browser(app, language="en") as reader:
        assert (await reader.get("/")).headers["etag"] != (await visitor.get("/")).headers["etag"]


async def test_heading_comes_once_and_landmarks_are_named(visitor, addresses):
    for address in addresses:
        body = (await visitor.get(address)).text
        assert body.count("<h1") == 1, address
        assert body.count('<main id="content"') == 1
        assert 'class="skip" href="#content"' in body
