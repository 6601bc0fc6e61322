"""A member's filters on their own pages, and how their form is read."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.filters import Filter, FilterAction, FilterKeyword, FilterPost
from tests import factories
from tests.web.pages import form_of, read, text, texts
from web.me.filters import MOST_ROWS, read_rows

ADDRESS = "/me/filters"
NEW = f"{ADDRESS}/new"
WHERE = {"context-home": "yes", "context-public": "yes"}


@pytest.fixture
async def zoe(enter, section, member):
    return await enter(member)


@pytest.fixture
async def bus(member):
    row = await Filter.create(owner=member, title="Bus", contexts=["home"], action=FilterAction.HIDE)
    await FilterKeyword.create(part_of=row, keyword="bus")
    await FilterKeyword.create(part_of=row, keyword="tram", is_whole_word=False)
    return row


async def keep(zoe, address, **typed):
    sent = form_of(read(await zoe.get(address)), address) | {"do": "keep"}
    return await zoe.post(address, data=sent | typed)


@pytest.mark.parametrize("more", ["", "/new", "/{id}", "/{id}/delete"])
async def test_filters_are_for_their_owner(visitor, enter, zoe, bus, other_member, more):
    address = ADDRESS + more.format(id=bus.id)

    assert (await visitor.get(address)).headers["location"].startswith("/login")
    assert (await zoe.get(address)).headers["cache-control"] == "no-store"
    answer = await (await enter(other_member)).get(address)
    assert answer.status_code == (404 if "{id}" in more else 200)
    assert "Bus" not in answer.text


async def test_forms_are_for_their_owner(visitor, enter, zoe, bus, other_member):
    ali = await enter(other_member)
    token = form_of(read(await ali.get("/me")), "/logout")

    for address in (NEW, f"{ADDRESS}/{bus.id}"):
        assert (await visitor.post(address, data={})).headers["location"].startswith("/login")
        assert (await zoe.post(address, data={"do": "delete"})).status_code == 403
    for do in ("delete", "keep", "more"):
        assert (await ali.post(f"{ADDRESS}/{bus.id}", data=token | {"do": do})).status_code == 404
    assert await Filter.exists()


async def test_filter_is_made(zoe, ctx):
    response = await keep(
        zoe, NEW, title="Sans train", **WHERE, action="hide", lasts="week", **{"word-0": "train", "word-2": " quai "}
    )

    assert response.headers["location"] == f"{ADDRESS}?said=kept"
    row = await Filter.get()
    assert (row.title, row.action, row.expires_at) == ("Sans train", FilterAction.HIDE, ctx.now() + timedelta(days=7))
    assert set(row.contexts) == {"home", "notifications", "public", "thread", "account"}
    assert [(one.keyword, one.is_whole_word) for one in await FilterKeyword.all().order_by("id")] == [
        ("train", True),
        ("quai", True),
    ]
    assert texts(read(await zoe.get(ADDRESS)), ".row-name") == ["Sans train"]


async def test_filter_is_changed_word_by_word(zoe, bus):
    address = f"{ADDRESS}/{bus.id}"
    sent = form_of(read(await zoe.get(address)), address)
    assert (sent["word-0"], sent["word-1"], "whole-0" in sent, "whole-1" in sent) == ("bus", "tram", True, False)

    await zoe.post(
        address, data=sent | {"do": "keep", "word-0": "", "word-1": "métro", "word-2": "vélo", "action": "warn"}
    )

    rows = await FilterKeyword.all().order_by("id")
    assert [(row.keyword, row.is_whole_word) for row in rows] == [("métro", False), ("vélo", True)]
    assert (await Filter.get()).action is FilterAction.WARN


async def test_time_that_is_not_touched_stays(zoe, bus, ctx):
    await Filter.filter(id=bus.id).update(expires_at=ctx.now() + timedelta(hours=3))
    await keep(zoe, f"{ADDRESS}/{bus.id}", title="Bus et tram")
    assert (await Filter.get()).expires_at == ctx.now() + timedelta(hours=3)

    await keep(zoe, f"{ADDRESS}/{bus.id}", lasts="")

    assert (await Filter.get()).expires_at is None


async def test_more_lines_are_given_and_nothing_is_lost(zoe, bus):
    sent = form_of(read(await zoe.get(NEW)), NEW) | {"do": "more", "title": "Sans", "word-1": "train", "action": "hide"}
    page = read(await zoe.post(NEW, data=sent))

    again = form_of(page, NEW)
    assert (again["title"], again["word-0"], again["action"]) == ("Sans", "train", "hide")
    assert len(page.select("input[name^=word-]")) == 4
    address = f"{ADDRESS}/{bus.id}"
    sent = form_of(read(await zoe.get(address)), address) | {"do": "more"}
    assert form_of(read(await zoe.post(address, data=sent)), address)["id-0"]


@pytest.mark.parametrize(
    "typed",
    [
        {"title": ""},
        {"title": "x" * 257},
        {"action": "x"},
        {"lasts": "year"},
        {"word-0": " "},
        {"word-0": "x" * 513},
        {"id-0": "x"},
    ],
)
async def test_filter_that_will_not_do_is_typed_again(zoe, typed):
    sent = {"title": "Sans train", "word-0": "train", "word-1": "" if "word-0" in typed else "quai"} | typed
    page = read(await keep(zoe, NEW, **WHERE, **sent), 422)

    assert text(page, ".summary")
    assert form_of(page, NEW)["title"] == sent["title"]
    assert not await Filter.exists()


async def test_filter_that_applies_nowhere_is_refused(zoe):
    sent = {name: value for name, value in form_of(read(await zoe.get(NEW)), NEW).items() if "context" not in name}
    answer = await zoe.post(NEW, data=sent | {"do": "keep", "title": "Sans", "word-0": "train"})

    assert "où le filtre agit" in text(read(answer, 422), ".summary")


async def test_words_of_another_filter_cannot_be_changed(zoe, bus, other_member):
    theirs = await Filter.create(owner=other_member, title="X", contexts=["home"])
    word = await FilterKeyword.create(part_of=theirs, keyword="secret")

    answer = await keep(zoe, f"{ADDRESS}/{bus.id}", **{"id-0": str(word.id), "word-0": "autre"})

    assert answer.status_code == 404
    assert (await FilterKeyword.get(id=word.id)).keyword == "secret"


async def test_filter_of_posts_alone_needs_no_word(zoe, bus, remote_actor):
    await FilterPost.create(part_of=bus, post=await factories.post(remote_actor))

    answer = await keep(zoe, f"{ADDRESS}/{bus.id}", **{"word-0": "", "word-1": ""})

    assert answer.status_code == 303
    assert not await FilterKeyword.exists()


async def test_deleting_asks_once(zoe, bus):
    page = read(await zoe.get(f"{ADDRESS}/{bus.id}/delete"))
    assert await Filter.exists()

    response = await zoe.post(f"{ADDRESS}/{bus.id}", data=form_of(page, f"{ADDRESS}/{bus.id}", "delete"))

    assert response.headers["location"] == f"{ADDRESS}?said=filter_deleted"
    assert not await Filter.exists()
    token = form_of(read(await zoe.get("/me")), "/logout")
    assert (await zoe.post(NEW, data=token | {"do": "delete"})).status_code == 422


@given(
    st.dictionaries(
        st.from_regex(r"(word|id|whole)-[0-9a-zé]{0,6}", fullmatch=True) | st.text(), st.text(), max_size=20
    )
)
def test_any_form_is_read_as_lines_with_something_in_them(typed):
    rows = read_rows(typed)

    assert len(rows) <= 2 * MOST_ROWS
    assert all(row.id or row.text.strip() for row in rows)
    assert [row.number for row in rows] == sorted(row.number for row in rows)
    for row in rows:
        assert any(typed.get(name) == row.text for name in typed if name.startswith("word-"))
