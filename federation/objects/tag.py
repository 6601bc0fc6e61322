"""What the `tag` of an object names: actors, hashtags, custom emoji.

Source: ActivityStreams Vocabulary §5.6 (Mention); Mastodon for `Hashtag` and `toot:Emoji`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from federation import sanitise, vocabulary
from federation.jsonld import Json, each, is_uri, text_of, type_of, uri_of
from federation.markup import normalise_tag
from federation.naming import Names
from models.actor import Actor
from models.post import PostTag

MAX_TAGS = 64
MAX_MENTIONS = 100
MAX_EMOJIS = 64

_SHORTCODE = re.compile(r":?(\w{1,64}):?")


def read_all(value: Any) -> list[Json]:
    """Give the tags of an object, one or many, that are objects themselves."""
    return [item for item in each(value) if isinstance(item, dict)]


def mentioned(tags: Sequence[Json], addressed: Sequence[str]) -> tuple[str, ...]:
    """Name the uris of those whom a post names, by a tag or in its addressing."""
    by_tag = [uri for tag in tags if type_of(tag) == "Mention" and (uri := uri_of(tag.get("href")))]
    actors = [uri for uri in addressed if is_uri(uri) and uri not in vocabulary.PUBLIC_SPELLINGS]
    return tuple(dict.fromkeys([*by_tag, *actors]))[:MAX_MENTIONS]


def hashtags(tags: Sequence[Json]) -> tuple[tuple[str, str], ...]:
    """Read the hashtags: (canonical name, as written), once each."""
    found: dict[str, str] = {}
    for tag in tags:
        shown = text_of(tag.get("name")).lstrip("#").strip()[:128] if type_of(tag) == "Hashtag" else ""
        if shown and (name := normalise_tag(shown)[:128]):
            found.setdefault(name, shown)
    return tuple(found.items())[:MAX_TAGS]


def emojis(tags: Sequence[Json]) -> list[dict[str, str]]:
    """Read the custom emoji: [{"shortcode": "blob", "url": "https://…"}], once each. Without https, none is shown."""
    found: dict[str, str] = {}
    for tag in tags:
        if type_of(tag) == "Emoji" and (read := _emoji(tag)) is not None:
            found.setdefault(*read)
    return [{"shortcode": shortcode, "url": url} for shortcode, url in found.items()][:MAX_EMOJIS]


def _emoji(tag: Json) -> tuple[str, str] | None:
    name = _SHORTCODE.fullmatch(text_of(tag.get("name")))
    icon = next(each(tag.get("icon")), None)
    url = sanitise.ascii_url(uri_of(icon.get("url")) if isinstance(icon, dict) else uri_of(icon))
    return (name[1], url) if name is not None and url is not None and url.startswith("https://") else None


def write(
    named: Sequence[Actor], tags: Sequence[PostTag], emojis_: Sequence[Mapping[str, str]], names: Names
) -> list[Json]:
    """Write the `tag` of a post of ours."""
    return (
        [_written_mention(actor, names) for actor in named]
        + [{"type": "Hashtag", "name": f"#{tag.shown}", "href": names.tag(tag.name)} for tag in tags]
        + [_written_emoji(emoji) for emoji in emojis_]
    )


def _written_mention(actor: Actor, names: Names) -> Json:
    handle = actor.handle if actor.handle_host else names.handle(actor.username)
    return {"type": "Mention", "href": actor.uri, "name": f"@{handle}"}


def _written_emoji(emoji: Mapping[str, str]) -> Json:
    return {"type": "Emoji", "name": f":{emoji['shortcode']}:", "icon": {"type": "Image", "url": emoji["url"]}}
