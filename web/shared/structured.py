"""What search engines are told of a section and of a post, as data. Nothing of it is more than the page itself says.

It stands in a script element that no browser runs: the content security policy forbids those it would. Members who write in
their own name are described to nobody.   Source: https://schema.org; JSON-LD 1.1
"""

from typing import Any

import orjson
from markupsafe import Markup

from federation.jsonld import Json
from models.actor import Actor
from models.section import Section
from server.posts.queries import PostView
from web.shared.rendering import excerpt

SCHEMA_ORG = "https://schema.org"
SCHEMA = f"{SCHEMA_ORG}/"
MAX_HEADLINE = 110
MAX_DESCRIPTION = 500

# Wherever JSON has these, they stand in a text, and mean the same there when written so.
_UNSAFE_IN_SCRIPT = {
    "<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029",
}  # fmt: skip


def in_script(document: Json) -> Markup:
    """Write JSON so that it may stand in a script element: nothing in it ends that, or begins a comment."""
    text = orjson.dumps(document).decode()
    for found, written in _UNSAFE_IN_SCRIPT.items():
        text = text.replace(found, written)
    return Markup(text)  # noqa: S704 - nothing is left in it that HTML would read


def section_data(section: Section, actor: Actor) -> Markup:
    """Describe a section of ours, as its page does."""
    place: dict[str, Any] = {"@type": "Place", "name": section.place or section.address}
    if section.address:
        place["address"] = section.address
    if section.latitude is not None and section.longitude is not None:
        place["geo"] = {"@type": "GeoCoordinates", "latitude": section.latitude, "longitude": section.longitude}
    return _written(
        {
            "@type": "Organization",
            "@id": actor.uri,
            "name": actor.name,
            "url": actor.url,
            "description": excerpt(actor.note_html, MAX_DESCRIPTION),
            "logo": actor.icon_url,
            "location": place if place["name"] else None,
        }
    )


def post_data(view: PostView) -> Markup | None:
    """Describe a public post of a section; None for all that others write."""
    post, actor = view.post, view.post.actor
    if not actor.is_group:
        return None
    text = post.content_warning or excerpt(post.content_html, MAX_DESCRIPTION)
    picture = view.picture
    return _written(
        {
            "@type": "Article",
            "@id": post.uri,
            "url": post.url,
            "headline": (post.title or excerpt(text, MAX_HEADLINE))[:MAX_HEADLINE],
            "description": text,
            "datePublished": post.published_at.isoformat(),
            "dateModified": (post.edited_at or post.published_at).isoformat(),
            "inLanguage": post.language,
            "image": picture.url if picture is not None and not post.content_warning else None,
            "author": {"@type": "Organization", "name": actor.name, "url": actor.url},
        }
    )


def _written(document: Json) -> Markup:
    told = {name: value for name, value in document.items() if value not in (None, "", [])}
    return in_script({"@context": SCHEMA_ORG} | told)
