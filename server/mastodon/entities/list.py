"""List.   Source: docs.joinmastodon.org/entities/List"""

from typing import TypedDict

from models.lists import ReadingList, RepliesPolicy
from server.mastodon.entities.kinds import Id

NETWORK_LIST = 1  # no row has it
_NETWORK = {"fr": "Réseau", "en": "Network"}


class List(TypedDict):
    """Some of those whom a member follows, read apart."""

    id: Id
    title: str
    replies_policy: str
    exclusive: bool


def list_(row: ReadingList) -> List:
    """Write a List."""
    return {
        "id": str(row.id),
        "title": row.title,
        "replies_policy": row.replies_policy.value,
        "exclusive": row.is_exclusive,
    }


def network_list(language: str) -> List:
    """Write the List that stands for the network, by which apps that know no network show it."""
    title = _NETWORK.get(language, _NETWORK["en"])
    return {"id": str(NETWORK_LIST), "title": title, "replies_policy": RepliesPolicy.NONE.value, "exclusive": False}
