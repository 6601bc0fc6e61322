"""The page of a section or a member: what it published, what it is, how to follow it."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from models.actor import Actor, ActorType
from models.consent import Purpose
from server.consents import texts
from server.errors import Gone, NotFound
from server.events import agenda
from server.events.agenda import Wanted
from server.members.queries import new_home
from server.posts import featured
from server.posts import queries as posts
from server.posts.replies import open_totals
from server.timelines.queries import network_news
from web.cards import cards
from web.shared.kept_pages import hour_of, kept_by_the_hour
from web.shared.rendering import language_of, render
from web.shared.site import Site, context_of, site_of
from web.shared.structured import section_data

PAGE_POSTS = 20
NETWORK_POSTS = 5
NEXT_EVENTS = 3
MAX_ID = 2**63 - 1


@kept_by_the_hour
async def front(request: Request) -> Response:
    """GET /: the main section's page; before the server is set up, a page that says so."""
    site = await site_of(request)
    if site.section is None:
        return render(request, "setup/waiting.html", site=site)
    return await _page(request, site, site.section.actor, vary="Accept-Language")


@kept_by_the_hour
async def profile(request: Request) -> Response:
    """GET /@{username}."""
    site = await site_of(request)
    actor = await local_actor(request.path_params["username"])
    if actor.type is ActorType.APPLICATION:
        return RedirectResponse("/about", 302)
    return await _page(request, site, actor, vary="Accept, Accept-Language")


async def actor_by_id(request: Request) -> Response:
    """GET /actors/{id}: people are sent to the page."""
    id_ = request.path_params["id"]
    actor = await Actor.get_or_none(id=id_, is_local=True) if id_ <= MAX_ID else None
    if actor is None:
        raise NotFound("This page does not exist.")
    if actor.gone_at is not None:
        raise Gone("This account has been closed.")
    url = "/about" if actor.type is ActorType.APPLICATION else actor.url
    return RedirectResponse(url, 302, {"Vary": "Accept"})


async def instance_actor(request: Request) -> Response:
    """GET /actor: the actor of the server itself; people are sent to the page about it."""
    return RedirectResponse("/about", 302, {"Vary": "Accept"})


async def local_actor(username: str) -> Actor:
    """Find an actor of ours by the username in an address.

    Raises:
        NotFound: there is none.
        Gone: there was.
    """
    actor = await Actor.get_or_none(local_name=username.lower())
    if actor is None:
        raise NotFound("This page does not exist.")
    if actor.gone_at is not None:
        raise Gone("This account has been closed.")
    return actor


def before_of(request: Request) -> int | None:
    """Read ?before=<item id>; None where it is left out.

    Raises:
        NotFound: it is no id.
    """
    text = request.query_params.get("before")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 20 and 0 < int(text) <= MAX_ID):
        raise NotFound("This page does not exist.")
    return int(text)


async def _page(request: Request, site: Site, actor: Actor, *, vary: str) -> Response:
    before = before_of(request)
    views = await posts.by_actor(actor, None, limit=PAGE_POSTS + 1, max_id=before, with_replies=False)
    in_front = await featured.by_actor(actor, None) if before is None else []
    ids_in_front = {view.post.id for view in in_front}
    shown = [view for view in views[:PAGE_POSTS] if view.announce is not None or view.post.id not in ids_in_front]
    section = await site.section_of(actor)
    return render(
        request,
        "profiles/profile.html",
        site=site,
        vary=vary,
        actor=actor,
        new_home=await new_home(actor),
        section=section,
        card=cards.link_to_actor(actor, section, site),
        is_main=site.section is not None and site.section.actor_id == actor.id,
        handle=f"@{context_of(request).names.handle(actor.username)}",
        views=[*in_front, *shown],
        ids_in_front=ids_in_front,
        network=await network_news(actor, limit=NETWORK_POSTS) if section is not None and before is None else [],
        reply_totals=await open_totals([view.post.id for view in (*in_front, *shown)]),
        next_events=await agenda.page(Wanted(hour_of(request), organiser=actor), None, limit=NEXT_EVENTS)
        if before is None
        else [],
        news_words=await _news_words(request, actor),
        described=section_data(section, actor) if section is not None and before is None else None,
        before=before,
        next_before=views[PAGE_POSTS - 1].item_id if len(views) > PAGE_POSTS else None,
    )


async def _news_words(request: Request, actor: Actor) -> str:
    """Say what one agrees to by leaving an address with a section here; nothing is left with anybody else."""
    return (await texts.words(actor, Purpose.NEWS, language_of(request))).text if actor.is_group else ""
