"""The pages for people: one line a room. Feeds stand before profiles, whose path would take them in."""

from starlette.routing import BaseRoute, Route

import server.paths  # noqa: F401 - its convertors are used below
from web.about import pages as about
from web.contacts import pages as contacts
from web.feeds import pages as feeds
from web.follow import pages as follow
from web.posts import pages as posts
from web.profiles import pages as profiles
from web.setup import pages as setup
from web.shared.errors import error_page
from web.shared.forms import MAX_FORM_BYTES
from web.shared.static import robots, static
from web.tags import pages as tags

__all__ = ["ROUTES", "error_page"]

ROUTES: list[BaseRoute] = [
    Route("/", profiles.front),
    Route("/feed.atom", feeds.main_atom),
    Route("/@{username:username}.atom", feeds.atom),
    Route("/@{username:username}.rss", feeds.rss),
    Route("/@{username:username}", profiles.profile),
    Route("/@{username:username}/contact", contacts.contact_form, methods=["GET"]),
    Route("/@{username:username}/contact", contacts.leave_address, methods=["POST"], max_body_size=MAX_FORM_BYTES),
    Route("/@{username:username}/{id:row}", posts.post),
    Route("/actor", profiles.instance_actor),
    Route("/actors/{id:row}", profiles.actor_by_id),
    Route("/posts/{id:row}", posts.post_by_id),
    Route("/tags/{name}", tags.tag),
    Route("/follow", follow.follow_form, methods=["GET"]),
    Route("/follow", follow.follow, methods=["POST"], max_body_size=MAX_FORM_BYTES),
    Route("/contact/sent", contacts.sent),
    Route("/contact/erased", contacts.erased),
    Route("/contact/{token}", contacts.private_page, methods=["GET"]),
    Route("/contact/{token}", contacts.change, methods=["POST"], max_body_size=MAX_FORM_BYTES),
    Route("/setup/done", setup.done),
    Route("/setup/{token}", setup.setup_form, methods=["GET"]),
    Route("/setup/{token}", setup.finish, methods=["POST"], max_body_size=MAX_FORM_BYTES),
    Route("/about", about.about),
    Route("/about/source.tar.gz", about.source),
    Route("/robots.txt", robots),
    Route("/static/{path:path}", static),
]
