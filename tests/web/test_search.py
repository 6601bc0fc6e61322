"""The search: what visitors find, what members find besides, and what nobody is told."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from httpx2 import AsyncClient, Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from federation import findable
from federation.context import Context
from models.actor import Actor
from models.post import Visibility
from models.section import Section
from server.errors import NotFound
from server.events import actions as events
from server.events.drafts import EventDraft
from server.search.everything import is_name
from tests import factories
from tests.web.conftest import Enter, Say
from tests.web.pages import read, text, texts
from tests.web.test_queries import asked, needs_sqlite
from tests.world import World
from web.search.pages import OF_EACH, PAGE_ROWS, read_query

Known = Callable[..., Awaitable[Actor]]


@pytest.fixture
def known(ctx: Context, world: World) -> Known:
    """Somebody of another server whom we have met: `await known("noor")`."""

    async def meet(name: str, **more: object) -> Actor:
        return await factories.remote_actor(ctx, world, f"https://far.test/users/{name}", **more)

    return meet


async def found(client: AsyncClient, words: str, kind: str = "posts") -> list[str]:
    """What stands under a heading of the page: titles of posts and events, names of people and sections, hashtags."""
    page = read(await client.get("/search", params={"q": words}))
    return texts(page, f"#found-{kind} + ul :is(.found-title, .event-title, .person-name, .found-tags > li)")


async def agree(member: Actor, *, discoverable: bool = True) -> None:
    """Have a member agree to be found."""
    await Actor.filter(id=member.id).update(is_indexable=True, is_discoverable=discoverable)


async def test_field_says_what_it_finds_before_anything_is_typed(visitor: AsyncClient, section: Actor) -> None:
    response = await visitor.get("/search")
    page = read(response)
    assert page.select_one("form[role=search] input[name=q][type=search]") is not None
    assert "publié pour tout le monde" in text(page, ".search-page > .note")
    assert page.select_one('meta[name=robots][content="noindex"]') is not None
    assert (response.headers["x-robots-tag"], response.headers["cache-control"]) == ("noindex", "no-store")
    assert text(page, 'nav [aria-current="page"]') == "Chercher"


async def test_everything_is_found_in_its_group_accents_or_not(
    visitor: AsyncClient, section: Actor, member: Actor, say: Say, ctx: Context
) -> None:
    await Actor.filter(id=member.id).update(is_indexable=True, display_name="Zoé Marché")
    await findable.index_actor(await Actor.get(id=member.id))
    await factories.section(ctx, "marches", "Section des marchés", is_main=False)
    await say(section, "Au marché dimanche #marche2027")
    starts = (ctx.now() + timedelta(days=3)).replace(tzinfo=None)
    await events.publish(
        section,
        EventDraft("Marché de Noël", starts, starts + timedelta(hours=2), online_url="https://visio.test/"),
        ctx,
    )

    for words in ("marche", "MARCHÉ", "marché"):
        assert await found(visitor, words, "sections") == ["Section des marchés"]
        assert await found(visitor, words, "events") == ["Marché de Noël"]
        assert await found(visitor, words, "posts") == ["Au marché dimanche #marche2027"]
        assert await found(visitor, words, "people") == ["Zoé Marché"]
    assert texts(read(await visitor.get("/search?q=marche")), ".found-tags li") == ["#marche2027"]


async def test_visitors_find_nothing_that_is_not_public(visitor: AsyncClient, section: Actor, say: Say) -> None:
    await say(section, "rendez-vous public")
    for visibility in (Visibility.UNLISTED, Visibility.FOLLOWERS, Visibility.DIRECT):
        await say(section, f"rendez-vous {visibility}", visibility)
    await say(section, "rendez-vous des membres", Visibility.SECTION, section=section)

    assert await found(visitor, "rendez-vous") == ["rendez-vous public"]


async def test_visitors_find_of_members_what_they_agreed_to(
    visitor: AsyncClient, section: Actor, member: Actor, say: Say
) -> None:
    await say(member, "Le tramway")
    assert (await found(visitor, "tramway"), await found(visitor, "zoe", "people")) == ([], [])

    await agree(member)
    assert (await found(visitor, "tramway"), await found(visitor, "zoe", "people")) == (["Le tramway"], ["Zoé"])

    await agree(member, discoverable=False)
    assert (await found(visitor, "tramway"), await found(visitor, "zoe", "people")) == (["Le tramway"], [])


@pytest.mark.parametrize("column", ["is_suspended", "is_silenced"])
async def test_visitors_find_nothing_of_who_is_kept_out_of_sight(
    visitor: AsyncClient, main_section: Section, member: Actor, say: Say, ctx: Context, column: str
) -> None:
    await agree(member)
    await say(member, "Le tramway")
    other = await factories.section(ctx, "roubaix", "Section de Roubaix", is_main=False)
    await say(other, "Le tramway de Roubaix")
    await Actor.filter(id__in=[member.id, other.id]).update(**{column: True})

    page = read(await visitor.get("/search?q=tramway"))
    assert page.select(".found") == []
    assert await found(visitor, "roubaix", "sections") == []
    assert await found(visitor, "zoe", "people") == []


async def test_visitors_find_nothing_of_other_servers(
    visitor: AsyncClient, section: Actor, member: Actor, known: Known, enter: Enter
) -> None:
    noor = await known("noor", indexable=True, discoverable=True)
    await Actor.filter(id=noor.id).update(is_indexable=True)
    post = await factories.post(noor, "Un tramway au loin")
    await findable.index_kept(post)
    await factories.follow(member, noor)

    assert await found(visitor, "tramway") == []
    assert await found(visitor, "noor", "people") == []
    assert await found(await enter(member), "tramway") == ["Un tramway au loin"]


async def test_whoever_is_named_in_full_is_found_if_they_live_here(
    visitor: AsyncClient, section: Actor, member: Actor
) -> None:
    for name in ("@zoe", "@zoe@lille.test", "zoe@lille.test", "https://lille.test/@zoe", member.uri):
        page = read(await visitor.get("/search", params={"q": name}))
        assert text(page, "#found-named + .person .person-name") == "Zoé", name
    await Actor.filter(id=member.id).update(is_suspended=True)
    assert read(await visitor.get("/search?q=@zoe")).select("#found-named") == []


async def test_a_post_is_found_by_its_address(visitor: AsyncClient, section: Actor, say: Say) -> None:
    post, secret = await say(section, "Bonjour"), await say(section, "Chut", Visibility.FOLLOWERS)
    for address in (post.uri, post.url):
        page = read(await visitor.get("/search", params={"q": address}))
        assert text(page, "#found-named ~ div .found-title") == "Bonjour"
    page = read(await visitor.get("/search", params={"q": secret.url}))
    assert page.select("#found-named") == []
    assert "Rien n’a été trouvé" in text(page, ".empty")


@pytest.mark.parametrize(
    ("typed", "link"),
    [
        ("@noor@far.test", "https://far.test/@noor"),
        ("noor@far.test", "https://far.test/@noor"),
        ("https://far.test/posts/1?a=b", "https://far.test/posts/1?a=b"),
    ],
)
async def test_visitors_are_given_the_link_to_another_server_which_is_not_asked(
    visitor: AsyncClient, section: Actor, known: Known, world: World, typed: str, link: str
) -> None:
    await known("noor")
    page = read(await visitor.get("/search", params={"q": typed}))
    [button] = page.select(".box .button.quiet")
    assert button["href"] == link
    assert page.select_one('.box a[href^="/login?next=%2Fsearch"]') is not None
    assert "nofollow" in button["rel"]
    assert page.select(".box form") == []
    assert world.fetched == []


@pytest.mark.parametrize(
    "typed", ["javascript:alert(1)", "https://", "https://a b/", "@", "@@", "a@b@c", "https://x\\y"]
)
async def test_what_leads_nowhere_is_no_link(visitor: AsyncClient, section: Actor, typed: str) -> None:
    page = read(await visitor.get("/search", params={"q": typed}))
    assert [link["href"] for link in page.select("main a") if not link["href"].startswith(("/", "?"))] == []


async def test_members_have_another_server_asked(section: Actor, member: Actor, enter: Enter, world: World) -> None:
    zoe = await enter(member)
    world.serve(factories.actor_document("https://far.test/users/noor"))
    handle = "https://far.test/.well-known/webfinger?resource=acct:noor@far.test"
    link = {"rel": "self", "type": "application/activity+json", "href": "https://far.test/users/noor"}
    world.serve({"subject": "acct:noor@far.test", "links": [link]}, url=handle, content_type="application/jrd+json")

    page = read(await zoe.get("/search?q=@noor@far.test"))
    assert text(page, ".box form button") == "Interroger far.test"
    assert world.fetched == []
    answer = await _ask(zoe, "@noor@far.test")

    assert answer.status_code == 303
    noor = await Actor.get(username="noor")
    shown = read(await zoe.get(answer.headers["location"]))
    assert shown.select_one("#found-named + .person a")["href"] == f"/people/{noor.id}"


async def _ask(client: AsyncClient, typed: str) -> Response:
    page = read(await client.get("/search", params={"q": typed}))
    form = page.select_one('form[method=post][action="/search"]')
    assert form is not None
    return await client.post("/search", data={field["name"]: field["value"] for field in form.select("input")})


async def test_members_are_told_that_nothing_is_there(
    section: Actor, member: Actor, enter: Enter, world: World
) -> None:
    zoe = await enter(member)
    page = read(await _ask(zoe, "https://far.test/posts/1"), 404)
    assert text(page, "[role=alert]") == "Rien n’a été trouvé à cette adresse. Est-elle bien écrite ?"
    assert page.select_one("#q")["value"] == "https://far.test/posts/1"


async def test_other_servers_are_asked_for_members_alone_and_by_their_own_form(
    visitor: AsyncClient, section: Actor, member: Actor, enter: Enter, world: World
) -> None:
    form = {"q": "https://far.test/posts/1"}
    assert (await visitor.post("/search", data=form)).headers["location"].startswith("/login")
    assert (await (await enter(member)).post("/search", data=form)).status_code == 403
    assert world.fetched == []


async def test_more_of_a_kind_is_paged(visitor: AsyncClient, section: Actor, say: Say) -> None:
    for number in range(PAGE_ROWS + 2):
        await say(section, f"tramway {number}")
    first = read(await visitor.get("/search?q=tramway"))
    assert len(first.select(".found-title")) == OF_EACH
    [more] = first.select(".found .more a")
    page = read(await visitor.get(more["href"]))
    [next_] = page.select("a[rel=next]")
    last = read(await visitor.get(next_["href"]))
    assert texts(page, ".found-title")[0] == f"tramway {PAGE_ROWS + 1}"
    assert texts(last, ".found-title") == ["tramway 1", "tramway 0"]
    assert last.select("a[rel=next]") == []
    assert text(read(await visitor.get("/search?q=rien&kind=posts&page=3")), ".empty") == "Il n’y a rien de plus."


@pytest.mark.parametrize(
    "query",
    ["q=a&kind=x", "q=a&kind=events", "q=a&page=2", *(f"q=a&kind=posts&page={page}" for page in ("0", "x", "21", "²"))],
)
async def test_address_that_no_page_leads_to_is_not_there(visitor: AsyncClient, section: Actor, query: str) -> None:
    assert (await visitor.get(f"/search?{query}")).status_code == 404


async def test_nobody_searches_for_ever(visitor: AsyncClient, section: Actor) -> None:
    statuses = [(await visitor.get("/search")).status_code for _ in range(31)]
    assert statuses == [200] * 30 + [429]


@pytest.mark.parametrize(
    "words",
    ["'", '"', "')--", "* OR 1=1", "NEAR(a b)", "a:b", "-", "\x00", "%", "^a", "'; DROP TABLE post; --", "a* b*", "€"],
)
async def test_words_are_only_words(visitor: AsyncClient, section: Actor, say: Say, words: str) -> None:
    await say(section, "Bonjour")
    read(await visitor.get("/search", params={"q": words}))
    assert await found(visitor, "bonjour") == ["Bonjour"]


async def test_what_was_typed_is_shown_and_does_nothing(visitor: AsyncClient, section: Actor) -> None:
    response = await visitor.get("/search", params={"q": '"><script>alert(1)</script>'})
    assert "<script>" not in response.text
    assert read(response).select_one("#q")["value"] == '"><script>alert(1)</script>'


@given(
    text_=st.text(), kind=st.sampled_from(["", "posts", "tags"]) | st.text(), page=st.text() | st.integers().map(str)
)
def test_any_address_is_read_or_leads_nowhere(text_: str, kind: str, page: str) -> None:
    class Address:
        query_params = {"q": text_, "kind": kind, "page": page}

    try:
        query = read_query(Address())  # type: ignore[arg-type]
    except NotFound:
        return
    assert query.text.isprintable()
    assert 0 <= query.offset < 400
    assert isinstance(is_name(query.text), bool)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
async def test_any_words_find_something_or_nothing(
    app: Starlette, visitor: AsyncClient, section: Actor, words: str
) -> None:
    app.state.buckets = {}
    read(await visitor.get("/search", params={"q": words}))


@needs_sqlite
async def test_twenty_of_everything_ask_as_much_as_one(
    visitor: AsyncClient, section: Actor, say: Say, ctx: Context
) -> None:
    costs = []
    for numbers in (range(1), range(1, 5)):
        for number in numbers:
            await say(section, f"tramway {number} #tramway{number}")
            other = await factories.section(ctx, f"tramway{number}", f"Tramway {number}", is_main=False)
            starts = (ctx.now() + timedelta(days=3)).replace(tzinfo=None)
            await events.publish(
                other,
                EventDraft(f"Tramway {number}", starts, starts + timedelta(hours=2), online_url="https://visio.test/"),
                ctx,
            )
        costs.append(await asked(visitor, "/search?q=tramway"))
    assert costs[0] == costs[1] <= 24
