"""At the desk: events that sections organise together."""

from federation.jsonld import dump
from models.activity import ActivityRecord
from models.actor import Actor, ActorType
from models.event import Organising, OrganisingState
from tests import factories
from tests.web.pages import fill, press, read, text

DESK = "/@lille/desk"


async def test_another_section_asks_to_organise_with_this_one(zoe, section, remote_actor, ctx):
    await Actor.filter(id=remote_actor.id).update(type=ActorType.GROUP)
    event = await factories.event(remote_actor, "Fête du port")
    row = await Organising.create(uri=f"{event.uri}#offer", event_id=event.id, section=section)
    await kept_offer(row, remote_actor, section, event)
    page = read(await zoe.get(f"{DESK}/together"))
    assert "Fête du port" in text(page, "main")

    assert (await press(zoe, f"{DESK}/together", "accept")).headers["location"] == f"{DESK}/together?said=together"
    assert (await Organising.get()).state is OrganisingState.ACCEPTED

    assert (await press(zoe, f"{DESK}/together", "leave")).headers["location"] == f"{DESK}/together?said=left"
    assert (await Organising.get()).state is OrganisingState.DECLINED
    assert "Fête du port" not in text(read(await zoe.get(f"{DESK}/together")), "main")


async def kept_offer(row, actor, section, event):
    offer = factories.activity("Offer", actor.uri, event.uri, target=section.uri, to=[section.uri]) | {"id": row.uri}
    await ActivityRecord.create(
        uri=row.uri, type="Offer", actor_uri=actor.uri, object_uri=event.uri, document=dump(offer)
    )


async def test_this_section_asks_another_and_takes_it_back(zoe, section, ctx):
    at = f"{DESK}/together"
    await factories.section(ctx, "brest", "Section de Brest", is_main=False)
    await factories.event(section, "Fête du port")
    refused = await fill(zoe, at, "ask", address="@zoe")
    assert (refused.status_code, await Organising.exists()) == (422, False)

    assert (await fill(zoe, at, "ask", address="brest")).headers["location"] == f"{at}?said=together_asked"
    assert "Section de Brest" in text(read(await zoe.get(at)), "main")

    assert (await press(zoe, at, "take_back")).headers["location"] == f"{at}?said=taken_back"
    assert not await Organising.exists()
