"""Who an activity is for: from visibility to `to` and `cc`, and back. The one place that knows.

Source: ActivityPub §5.1, §5.6, §7.1; the meaning of Public in `cc` is Mastodon's (unlisted).
"""

from collections.abc import Container, Sequence

from federation.vocabulary import PUBLIC, PUBLIC_SPELLINGS
from models.actor import Actor
from models.post import Visibility


def visibility_of(to: Sequence[str], cc: Sequence[str], author: Actor, members_uris: Container[str] = ()) -> Visibility:
    """Compute who may see what `author` addressed to `to` and `cc`, whatever the spelling of Public.

    `members_uris` are the collections that are known to be the members of a group.
    """
    if PUBLIC_SPELLINGS.intersection(to):
        return Visibility.PUBLIC
    if PUBLIC_SPELLINGS.intersection(cc):
        return Visibility.UNLISTED
    if author.followers_uri and author.followers_uri in (*to, *cc):
        return Visibility.FOLLOWERS
    if any(uri in members_uris for uri in (*to, *cc)):
        return Visibility.SECTION
    return Visibility.DIRECT


def address(
    author: Actor, visibility: Visibility, named: Sequence[str], group: Actor | None = None
) -> tuple[list[str], list[str]]:
    """Address something of `author` to those who may see it, to the actors it names, and to its group: (to, cc).

    Raises:
        ValueError: it is for the members of a group, and there is none that has any.
    """
    if group is not None:
        named = [*named, group.uri]
    followers = [author.followers_uri] if author.followers_uri else []
    others = [uri for uri in dict.fromkeys(named) if uri != author.uri]
    if visibility is Visibility.PUBLIC:
        return [PUBLIC], followers + others
    if visibility is Visibility.UNLISTED:
        return followers, [PUBLIC, *others]
    if visibility is Visibility.FOLLOWERS:
        return followers, others
    if visibility is Visibility.DIRECT:
        return others, []
    if group is None or group.members_uri is None:
        raise ValueError("there is no section to whose members this can be addressed")
    return [group.members_uri], others


def is_public(addresses: Sequence[str]) -> bool:
    """Whether everybody is among those addressed."""
    return not PUBLIC_SPELLINGS.isdisjoint(addresses)


def without_public(addresses: Sequence[str]) -> list[str]:
    """Drop every spelling of Public, which nobody delivers to."""
    return [uri for uri in dict.fromkeys(addresses) if uri not in PUBLIC_SPELLINGS]
