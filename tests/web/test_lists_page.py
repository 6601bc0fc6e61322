"""A member's lists, made, filled, changed and deleted on their own pages."""

import pytest

from models.lists import Listed, ReadingList, RepliesPolicy
from tests import factories
from tests.web.pages import fill, form_of, press, read, text, texts

ADDRESS = "/me/lists"


@pytest.fixture
async def zoe(enter, section, member):
    return await enter(member)


@pytest.fixture
async def nord(member):
    return await ReadingList.create(owner=member, title="Nord")


@pytest.mark.parametrize("more", ["", "/{id}", "/{id}/delete"])
async def test_lists_are_for_their_owner(visitor, enter, zoe, nord, other_member, more):
    address = ADDRESS + more.format(id=nord.id)
    ali = await enter(other_member)

    assert (await visitor.get(address)).headers["location"].startswith("/login")
    assert (await zoe.get(address)).headers["cache-control"] == "no-store"
    answer = await ali.get(address)
    assert answer.status_code == (404 if more else 200)
    assert "Nord" not in answer.text


async def test_forms_are_for_their_owner(visitor, enter, zoe, nord, other_member, section, member):
    await factories.follow(member, section)
    await Listed.create(list=nord, actor=section)
    ali = await enter(other_member)
    token = form_of(read(await ali.get("/me")), "/logout")

    for address in (ADDRESS, f"{ADDRESS}/{nord.id}"):
        assert (await visitor.post(address, data={})).headers["location"].startswith("/login")
        assert (await zoe.post(address, data={"do": "delete"})).status_code == 403
    for do in ("delete", "keep", "take_out", "add"):
        sent = token | {"do": do, "title": "À moi", "replies": "none", "actor": str(section.id)}
        assert (await ali.post(f"{ADDRESS}/{nord.id}", data=sent)).status_code == 404
    assert (await ReadingList.get()).title == "Nord"
    assert await Listed.exists()


async def test_list_is_made(zoe):
    page = read(await zoe.get(ADDRESS))
    assert "pas encore de liste" in text(page, ".empty")

    response = await zoe.post(
        ADDRESS, data=form_of(page, ADDRESS) | {"title": "Amis", "replies": "none", "is_exclusive": "yes"}
    )

    made = await ReadingList.get()
    assert response.headers["location"] == f"{ADDRESS}/{made.id}?said=list_made"
    assert (made.title, made.replies_policy, made.is_exclusive) == ("Amis", RepliesPolicy.NONE, True)
    assert texts(read(await zoe.get(ADDRESS)), ".row-name") == ["Amis"]
    assert read(await zoe.get(ADDRESS)).select_one(f'a[href="/home/lists/{made.id}"]')


@pytest.mark.parametrize("typed", [{"title": " "}, {"title": "x" * 256}, {"title": "Amis", "replies": "x"}])
async def test_list_that_will_not_do_is_typed_again(zoe, typed):
    sent = form_of(read(await zoe.get(ADDRESS)), ADDRESS) | {"is_exclusive": "yes"} | typed
    page = read(await zoe.post(ADDRESS, data=sent), 422)

    kept = form_of(page, ADDRESS)
    assert kept["title"] == typed["title"]
    assert kept["is_exclusive"] == "yes"
    assert not await ReadingList.exists()


async def test_list_is_changed_and_what_is_refused_is_typed_again(zoe, nord):
    address = f"{ADDRESS}/{nord.id}"
    assert (await fill(zoe, address, "keep", title="Sud", replies="followed")).status_code == 303
    await nord.refresh_from_db()
    assert (nord.title, nord.replies_policy) == ("Sud", RepliesPolicy.FOLLOWED)

    page = read(await fill(zoe, address, "keep", title="x" * 256), 422)

    assert form_of(page, address, "keep")["title"] == "x" * 256


async def test_people_are_found_added_and_taken_out(zoe, member, nord, section, remote_actor, stranger):
    for actor in (section, remote_actor):
        await factories.follow(member, actor)
    address = f"{ADDRESS}/{nord.id}"
    page = read(await zoe.get(address))
    assert texts(page, ".people-rows .person-name") == ["Noor", "Section de Lille"]
    found = read(await zoe.get(f"{address}?called=noo"))
    assert texts(found, ".people-rows .person-name") == ["Noor"]

    assert (await press(zoe, address, "add", actor=remote_actor.id)).headers["location"] == f"{address}?said=list_grew"
    page = read(await zoe.get(address))
    assert texts(page, "#listed + .rows .person-name") == ["Noor"]
    assert texts(page, ".people-rows .person-name") == ["Section de Lille"]

    await press(zoe, address, "take_out")
    assert not await Listed.exists()
    token = form_of(page, address, "keep")
    assert (await zoe.post(address, data=token | {"do": "add", "actor": str(stranger.id)})).status_code == 404
    for actor in ("", "é", "0"):
        assert (await zoe.post(address, data=token | {"do": "add", "actor": actor})).status_code == 422


async def test_deleting_asks_once(zoe, nord):
    page = read(await zoe.get(f"{ADDRESS}/{nord.id}/delete"))
    assert text(page, "h1") == "Supprimer la liste « Nord » ?"
    assert await ReadingList.exists()

    response = await zoe.post(f"{ADDRESS}/{nord.id}", data=form_of(page, f"{ADDRESS}/{nord.id}", "delete"))

    assert response.headers["location"] == f"{ADDRESS}?said=list_deleted"
    assert not await ReadingList.exists()


async def test_no_list_has_such_a_number(zoe):
    for id_ in ("1", "9999999999999999999"):
        assert (await zoe.get(f"{ADDRESS}/{id_}")).status_code == 404
