"""Quotes on pages: what is quoted stands in the post, if its author agreed."""

import pytest

from models.post import Post, Visibility
from models.quote import Quote, QuoteState
from tests import factories
from tests.web.pages import read, text


@pytest.fixture
async def quoting(section, remote_actor) -> Quote:
    """A post of the section that quotes one of another server."""
    quoted = await factories.post(remote_actor, "De loin")
    post = await factories.post(section, "À lire")
    return await Quote.create(post=post, quoted=quoted, quoted_uri=quoted.uri, state=QuoteState.ACCEPTED)


async def test_what_is_quoted_stands_in_the_post(visitor, quoting):
    page = read(await visitor.get(f"/@lille/{quoting.post_id}"))

    assert text(page, ".post-alone .quoted .prose") == "De loin"
    assert text(page, ".quoted .handle") == "@noor@far.test"
    assert page.select_one(".quoted")["cite"] == quoting.quoted_uri


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (QuoteState.REQUESTED, "La publication citée · la citation n’a pas encore été acceptée"),
        (QuoteState.REVOKED, "Cette publication en citait une autre, dont l’autrice ou l’auteur n’est pas d’accord."),
        (QuoteState.REJECTED, "Cette publication en citait une autre, dont l’autrice ou l’auteur n’est pas d’accord."),
    ],
)
async def test_without_consent_it_does_not(visitor, quoting, state, said):
    await Quote.all().update(state=state)

    page = read(await visitor.get(f"/@lille/{quoting.post_id}"))

    assert page.select(".quoted") == []
    assert text(page, ".quoted-not") == said


async def test_what_is_not_for_everybody_is_not_shown(visitor, quoting):
    await Post.filter(id=quoting.quoted_id).update(visibility=Visibility.FOLLOWERS)

    page = read(await visitor.get(f"/@lille/{quoting.post_id}"))

    assert text(page, ".quoted-not") == "Cette publication en cite une autre, qui ne peut être montrée ici."
    assert "De loin" not in page.get_text()


async def test_what_stands_behind_a_warning_stays_there(visitor, quoting):
    await Post.filter(id=quoting.quoted_id).update(content_warning="Violence", is_sensitive=True)

    page = read(await visitor.get(f"/@lille/{quoting.post_id}"))

    assert text(page, ".quoted .note") == "Violence"
    assert "De loin" not in page.get_text()
