"""Polls on pages: what is asked and how it stands, for reading."""

from datetime import timedelta

from models.poll import Poll, PollOption
from server.posts.polls import DraftPoll
from tests.web.conftest import browser
from tests.web.pages import read, text, texts


async def test_a_poll_is_a_list_with_its_results(visitor, section, say):
    post = await say(section, "Quel jour ?", poll=DraftPoll(("Samedi", "Dimanche"), 3600))
    poll = await Poll.get()
    await PollOption.filter(poll_id=poll.id, title="Samedi").update(votes_count=3)
    await PollOption.filter(poll_id=poll.id, title="Dimanche").update(votes_count=1)
    await Poll.filter(id=poll.id).update(voters_count=4)

    page = read(await visitor.get(f"/@lille/{post.id}"))

    assert page.select_one(".poll")["aria-label"] == "Sondage"
    assert texts(page, ".poll-title") == ["Samedi", "Dimanche"]
    assert texts(page, ".poll-share") == ["75 % (3 voix)", "25 % (1 voix)"]
    assert [bar["value"] for bar in page.select(".poll progress")] == ["75", "25"]
    assert text(page, ".poll .note").startswith("4 personnes ont voté · ouvert jusqu’au")
    assert not page.select('script:not([type="application/ld+json"])')


async def test_it_is_told_in_english_and_when_it_is_closed(app, section, say, ctx):
    post = await say(section, "Which day?", poll=DraftPoll(("Saturday", "Sunday"), 3600, is_multiple=True))
    await Poll.all().update(closed_at=ctx.now(), voters_count=1)

    async with browser(app, language="en") as reader:
        page = read(await reader.get(f"/@lille/{post.id}"))

    assert text(page, ".poll .note") == "1 person voted · several answers allowed · closed"
    assert texts(page, ".poll-share") == ["0 % (0 votes)", "0 % (0 votes)"]


async def test_totals_that_are_hidden_are_not_on_the_page(visitor, section, say, ctx):
    post = await say(section, "Quel jour ?", poll=DraftPoll(("Samedi", "Dimanche"), 3600, hides_totals=True))
    await PollOption.all().update(votes_count=3)

    page = read(await visitor.get(f"/@lille/{post.id}"))

    assert page.select(".poll-share, .poll progress") == []
    assert text(page, ".poll .note").endswith("· résultats à la clôture")


async def test_an_option_is_text_and_not_html(visitor, section, say, ctx):
    post = await say(section, "Lequel ?", poll=DraftPoll(("<b>Oui</b>", "Non"), 3600))
    await Poll.all().update(closes_at=ctx.now() + timedelta(hours=2))

    page = read(await visitor.get(f"/@lille/{post.id}"))

    assert texts(page, ".poll-title") == ["<b>Oui</b>", "Non"]
