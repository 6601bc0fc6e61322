"""Who comes to an event, for those who organise it: the list, answering requests, the door, the file."""

import csv
import io

import pytest
from httpx2 import AsyncClient, Response

from federation.context import Context
from models.actor import Actor
from models.consent import Look
from models.event import Event, JoinMode, Shift
from models.participation import Channel, Participation, ParticipationState, ShiftTaken
from models.post import Post
from models.role import Role, SectionAct
from models.section import Section
from server.sections import roles
from tests import factories
from tests.web.conftest import Enter
from tests.web.pages import form_of, read, text, texts

EVENTS = "/@lille/desk/events"


@pytest.fixture
async def zoe(enter: Enter, member: Actor, main_section: Section, ctx: Context) -> AsyncClient:
    """The browser of Zoé, who answers for the section."""
    await roles.found(main_section, member, ctx)
    return await enter(member)


@pytest.fixture
async def event(section: Actor) -> Post:
    """An event whose organisers decide who comes."""
    asked = [{"id": "1", "label": "Une voiture ?", "kind": "yes_no", "choices": [], "is_required": False}]
    return await factories.event(
        section, "Tractage", join_mode=JoinMode.RESTRICTED, questions=asked, most_guests=3, capacity=12
    )


@pytest.fixture
async def asks(event: Post, other_member: Actor) -> Participation:
    """A member who asked on our pages."""
    return await Participation.create(
        event=event, actor=other_member, channel=Channel.PAGE, message="Je peux <b>venir</b> ?"
    )


@pytest.fixture
async def comes(event: Post) -> Participation:
    """Somebody who comes with two others, by e-mail."""
    row = await Participation.create(
        event=event, email="lou@post.example", email_fingerprint="1", name="Lou", channel=Channel.EMAIL, guests=2,
        state=ParticipationState.ACCEPTED, answers='{"1": "yes"}',
    )  # fmt: skip
    terms = await Event.get(post_id=event.id)
    shift = await Shift.create(
        uri=f"{event.uri}#1", event=terms, name="Tenir la table", starts_at=terms.starts_at, ends_at=terms.ends_at
    )
    await ShiftTaken.create(shift=shift, participation=row)
    return row


async def press(client: AsyncClient, address: str, do: str, **fields: object) -> Response:
    return await client.post(address, data=form_of(read(await client.get(address)), address, do, **fields))


async def test_list_says_who_comes_how_they_said_so_and_what_they_do(
    zoe: AsyncClient, member: Actor, event: Post, asks: Participation, comes: Participation
) -> None:
    page = read(await zoe.get(f"{EVENTS}/{event.id}/people"))

    lou = text(page, f"#person-{comes.id}")
    assert "Lou +2" in lou
    assert "par courriel" in lou
    assert "Tenir la table" in lou
    assert "Une voiture ? oui" in lou
    assert text(page, f"#person-{asks.id} blockquote") == "Je peux <b>venir</b> ?"
    assert "3 personnes viennent sur 12 places" in text(page, ".totals")
    look = await Look.get(at_what="participants")
    assert (look.viewer_id, look.rows) == (member.id, 2)


@pytest.mark.parametrize(
    ("do", "state", "said"),
    [("accept", ParticipationState.ACCEPTED, "comes"), ("decline", ParticipationState.REFUSED, "comes_not")],
)
async def test_whoever_asks_is_let_in_or_not(
    zoe: AsyncClient, event: Post, asks: Participation, do: str, state: ParticipationState, said: str
) -> None:
    address = f"{EVENTS}/{event.id}/people"
    response = await press(zoe, address, do, person=asks.id)

    assert response.headers["location"] == f"{address}?said={said}"
    assert (await Participation.get(id=asks.id)).state is state
    assert await SectionAct.filter(act="decide who comes").count() == 1


async def test_the_list_is_taken_away_by_those_who_may(
    zoe: AsyncClient,
    enter: Enter,
    event: Post,
    comes: Participation,
    main_section: Section,
    other_member: Actor,
    ctx: Context,
) -> None:
    address = f"{EVENTS}/{event.id}/people"
    response = await press(zoe, address, "export")

    assert response.headers["content-disposition"] == f'attachment; filename="lille_{event.id}.csv"'
    assert response.headers["cache-control"] == "no-store"
    [_, lou] = csv.reader(io.StringIO(response.text))
    assert lou[:3] == ["Lou", "", "lou@post.example"]
    await roles.give(main_section, other_member, Role.EDITOR, None, ctx)
    ali = await enter(other_member)
    token = form_of(read(await ali.get("/me")), "/logout")
    assert not read(await ali.get(address)).select('input[value="export"]')
    assert (await ali.post(address, data=token | {"do": "export"})).status_code == 403


async def test_nobody_on_the_list_is_said_so(zoe: AsyncClient, event: Post) -> None:
    assert "pas encore de réponse" in text(read(await zoe.get(f"{EVENTS}/{event.id}/people")), ".empty")
    assert "personne sur la liste" in text(read(await zoe.get(f"{EVENTS}/{event.id}/door")), ".empty")


async def test_one_tap_at_the_door_counts_somebody_in(zoe: AsyncClient, event: Post, comes: Participation) -> None:
    address = f"{EVENTS}/{event.id}/door"
    sent = form_of(read(await zoe.get(address)), address, "in", person=comes.id)
    for _ in range(2):
        response = await zoe.post(address, data=sent)
        assert response.headers["location"] == f"{address}#person-{comes.id}"

    page = read(await zoe.get(address))
    assert text(page, ".door-total") == "3 présentes, sur 3 attendues"
    assert (await Event.get(post_id=event.id)).came_count == 3
    await press(zoe, address, "out", person=comes.id)
    assert (await Event.get(post_id=event.id)).came_count == 0


async def test_a_name_is_written_down_at_the_door(zoe: AsyncClient, event: Post) -> None:
    address = f"{EVENTS}/{event.id}/door"
    sent = form_of(read(await zoe.get(address)), address, "add") | {"name": "Awa", "guests": "1"}

    assert (await zoe.post(address, data=sent)).headers["location"] == address

    row = await Participation.get()
    assert (row.name, row.guests, row.channel, row.state) == ("Awa", 1, Channel.DOOR, ParticipationState.ACCEPTED)
    assert texts(read(await zoe.get(address)), "#inside + .door .row-name") == ["Awa +1"]


async def test_two_taps_on_one_form_write_one_name_down(zoe: AsyncClient, event: Post) -> None:
    address = f"{EVENTS}/{event.id}/door"
    sent = form_of(read(await zoe.get(address)), address, "add") | {"name": "Awa"}
    for _ in range(2):
        assert (await zoe.post(address, data=sent)).headers["location"] == address
    assert await Participation.all().count() == 1

    again = form_of(read(await zoe.get(address)), address, "add") | {"name": "Awa"}
    assert again["key"] != sent["key"]
    await zoe.post(address, data=again)
    assert (await Event.get(post_id=event.id)).came_count == 2


@pytest.mark.parametrize(
    "typed", [{"name": " "}, {"name": "x" * 101}, {"name": "Awa", "guests": "4"}, {"name": "Awa", "guests": "x"}]
)
async def test_what_cannot_be_written_down_stays_in_the_field(
    zoe: AsyncClient, event: Post, typed: dict[str, str]
) -> None:
    address = f"{EVENTS}/{event.id}/door"
    sent = form_of(read(await zoe.get(address)), address, "add") | typed
    page = read(await zoe.post(address, data=sent), 422)
    assert form_of(page, address, "add")["name"] == typed["name"]
    assert not await Participation.exists()


async def test_somebody_of_another_event_is_not_counted_in(
    zoe: AsyncClient, event: Post, section: Actor, comes: Participation
) -> None:
    other = await factories.event(section)
    address = f"{EVENTS}/{event.id}/door"
    sent = form_of(read(await zoe.get(address)), address, "in", person=comes.id)
    assert (await zoe.post(f"{EVENTS}/{other.id}/door", data=sent)).status_code == 404
    assert (await Participation.get(id=comes.id)).came_at is None


async def test_nobody_outside_sees_who_comes(visitor: AsyncClient, event: Post, comes: Participation) -> None:
    for path in ("people", "door"):
        answer = await visitor.get(f"{EVENTS}/{event.id}/{path}")
        assert answer.headers["location"].startswith("/login?next=")
    assert "Lou" not in (await visitor.get(f"/@lille/{event.id}")).text
