"""masto.js and megalodon on Node: login by code, paging by Link, publishing once, streams, uploads, a PUT for a PATCH."""

import base64
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mastodon import Mastodon

from tests.clients.consent import allow, code_in
from tests.clients.story import FOLDER, INSTALL_COMMAND, Story, StoryError, require_libraries
from tests.clients.watching import covers
from tests.pictures import photograph
from tests.scenarios.server import ADMIN, Server, eventually

REDIRECT_URI = "http://127.0.0.1/done"
PUBLISH_AGAIN_AFTER = 20


@pytest.fixture(scope="module", params=["masto.mjs", "megalodon.mjs"])
def story(request: pytest.FixtureRequest, server: Server) -> Iterator[Story]:
    """An application that Inès has let in, on each of the libraries."""
    require_libraries()
    with Story(request.param, server.origin) as told:
        yield log_in(told)


@pytest.fixture(scope="module")
def masto(server: Server) -> Iterator[Story]:
    """An application on masto.js that Inès has let in."""
    require_libraries()
    with Story("masto.mjs", server.origin) as told:
        yield log_in(told)


def log_in(story: Story) -> Story:
    answer = allow(story.do("register", redirectUri=REDIRECT_URI))
    assert answer.startswith(f"{REDIRECT_URI}?code=")
    assert story.do("logIn", code=code_in(answer))["username"] == ADMIN
    return story


def test_a_code_is_good_for_whoever_asked_alone(server: Server):
    require_libraries()
    with Story("masto.mjs", server.origin) as story:
        code = code_in(allow(story.do("register", redirectUri=REDIRECT_URI)))
        with pytest.raises(StoryError, match="MastoHttpError"):
            story.do("logIn", code=code, codeVerifier="x" * 43)


def test_it_pages_by_the_link_header(story: Story):
    sent = [story.do("publish", status=f"Page {number}")["id"] for number in range(5)]

    pages = story.do("pages", limit=2, most=2)

    assert [id_ for page in pages for id_ in page] == sent[:0:-1]


def test_it_comes_to_the_end_of_a_timeline(story: Story, ines: Mastodon):
    story.do("publish", status="Dernière page")

    pages = story.do("pages", limit=40, most=100)

    assert [id_ for page in pages for id_ in page] == [
        str(row.id) for row in ines.fetch_remaining(ines.timeline_home())
    ]


def test_masto_js_publishes_once_under_one_key(masto: Story):
    told = {"status": "une fois", "idempotencyKey": str(uuid.uuid4())}

    assert masto.do("publish", **told)["id"] == masto.do("publish", **told)["id"]


def test_it_uploads_a_picture_and_publishes_it(story: Story):
    picture = base64.b64encode(photograph("PNG")).decode()

    brought = story.do("upload", base64=picture, type="image/png", description="Deux tours")
    ids = {"mediaIds": [brought["id"]], "media_ids": [brought["id"]]}

    [shown] = _either(story.do("publish", status="Avec une image", **ids), "mediaAttachments", "media_attachments")
    assert (shown["type"], shown["description"]) == ("image", "Deux tours")


@covers("GET /api/v1/streaming")
async def test_it_hears_at_once_what_happens(story: Story, ali: Mastodon):
    story.do("listen")
    sent: list[str] = []
    looks = 0

    async def heard() -> bool:
        """Look whether it heard a post; since nobody tells when it listens, publish anew after some looks."""
        nonlocal looks
        if looks % PUBLISH_AGAIN_AFTER == 0:
            sent.append(story.do("publish", status=f"En direct {looks}")["id"])
        looks += 1
        return ["update", sent[-1]] in story.do("heard")

    await eventually(heard)
    ali.status_favourite(sent[-1])

    async def told() -> bool:
        return any(kind == "notification" for kind, _ in story.do("heard"))

    await eventually(told)


@covers("PUT /api/v2/notifications/policy")
def test_masto_js_sets_a_policy_by_put(masto: Story):
    assert masto.do("setPolicy", forNotFollowing="filter")["forNotFollowing"] == "filter"
    assert masto.do("setPolicy", forNotFollowing="accept")["forNotFollowing"] == "accept"


def test_masto_js_is_told_of_a_refusal(masto: Story):
    with pytest.raises(StoryError, match="MastoHttpError"):
        masto.do("refuse")


def test_missing_libraries_are_an_error_in_ci_and_a_loud_skip_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("CI", "true")
    with pytest.raises(StoryError, match=INSTALL_COMMAND):
        require_libraries(tmp_path)
    monkeypatch.delenv("CI")
    with pytest.warns(UserWarning, match=INSTALL_COMMAND), pytest.raises(pytest.skip.Exception):
        require_libraries(tmp_path)


def test_the_lock_file_names_no_registry():
    assert "resolved" not in (FOLDER / "package-lock.json").read_text()


def _either(answer: dict[str, Any], *names: str) -> Any:
    """What an answer holds under the one name or the other: masto.js writes them in its own way."""
    return next(answer[name] for name in names if name in answer)
