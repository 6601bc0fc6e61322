"""Names of ActivityStreams and its neighbours, each spelt once.

Source: Activity Vocabulary; ActivityPub; https://docs.joinmastodon.org/spec/activitypub/ for the `toot:` terms; FEP-521a.
"""

from typing import Any

NAMESPACE = "https://www.w3.org/ns/activitystreams"
PUBLIC = f"{NAMESPACE}#Public"
PUBLIC_SPELLINGS = frozenset({PUBLIC, "as:Public", "Public"})

ACTIVITY_JSON = "application/activity+json"
LD_JSON = f'application/ld+json; profile="{NAMESPACE}"'
ACCEPT_OBJECT = f"{LD_JSON}, {ACTIVITY_JSON};q=0.9"

ACTOR_TYPES = frozenset({"Person", "Group", "Application", "Service", "Organization"})
POST_TYPES = frozenset({"Note", "Article", "Page", "Question"})
ACTIVITY_TYPES = frozenset(
    {
        "Accept",
        "Add",
        "Announce",
        "Arrive",
        "Block",
        "Create",
        "Delete",
        "Dislike",
        "EmojiReact",
        "Flag",
        "Follow",
        "Ignore",
        "Invite",
        "Join",
        "Leave",
        "Like",
        "Listen",
        "Move",
        "Offer",
        "Question",
        "Read",
        "Reject",
        "Remove",
        "TentativeAccept",
        "TentativeReject",
        "Travel",
        "Undo",
        "Update",
        "View",
    }
)

ACTIVITY_CONTEXT: list[Any] = [NAMESPACE]
POST_CONTEXT: list[Any] = [
    NAMESPACE,
    {
        "Hashtag": "as:Hashtag",
        "sensitive": "as:sensitive",
        "toot": "http://joinmastodon.org/ns#",
        "blurhash": "toot:blurhash",
        "focalPoint": {"@container": "@list", "@id": "toot:focalPoint"},
        "votersCount": "toot:votersCount",
    },
]
ACTOR_CONTEXT: list[Any] = [
    NAMESPACE,
    "https://w3id.org/security/v1",
    "https://www.w3.org/ns/did/v1",
    "https://w3id.org/security/multikey/v1",
    {
        "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
        "alsoKnownAs": {"@id": "as:alsoKnownAs", "@type": "@id"},
        "toot": "http://joinmastodon.org/ns#",
        "featured": {"@id": "toot:featured", "@type": "@id"},
        "discoverable": "toot:discoverable",
        "indexable": "toot:indexable",
        "schema": "http://schema.org#",
        "PropertyValue": "schema:PropertyValue",
        "value": "schema:value",
    },
]
