"""Names of ActivityStreams and its neighbours, each spelt once.

Source: Activity Vocabulary; ActivityPub; https://docs.joinmastodon.org/spec/activitypub/ for the `toot:` terms; FEP-521a;
FEP-044f.
"""

from typing import Any

NAMESPACE = "https://www.w3.org/ns/activitystreams"
PUBLIC = f"{NAMESPACE}#Public"
PUBLIC_SPELLINGS = frozenset({PUBLIC, "as:Public", "Public"})

FEP_044F = "https://w3id.org/fep/044f#"
GOTOSOCIAL = "https://gotosocial.org/ns#"
COOPOLE = "https://w3id.org/coopole#"

ACTIVITY_JSON = "application/activity+json"
LD_JSON = f'application/ld+json; profile="{NAMESPACE}"'
ACCEPT_OBJECT = f"{LD_JSON}, {ACTIVITY_JSON};q=0.9"

ACTOR_TYPES = frozenset({"Person", "Group", "Application", "Service", "Organization"})
# The last four are BookWyrm's and Pleroma's own.
POST_TYPES = frozenset(
    {
        "Article",
        "Audio",
        "Document",
        "Event",
        "Image",
        "Note",
        "Page",
        "Question",
        "Video",
        "ChatMessage",
        "Comment",
        "Quotation",
        "Review",
    }
)
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
        "quote": {"@id": f"{FEP_044F}quote", "@type": "@id"},
        "quoteAuthorization": {"@id": f"{FEP_044F}quoteAuthorization", "@type": "@id"},
        "quoteUrl": "as:quoteUrl",
        "quoteUri": "http://fedibird.com/ns#quoteUri",
        "_misskey_quote": "https://misskey-hub.net/ns#_misskey_quote",
        "gts": GOTOSOCIAL,
        "interactionPolicy": {"@id": "gts:interactionPolicy", "@type": "@id"},
        "canQuote": {"@id": "gts:canQuote", "@type": "@id"},
        "automaticApproval": {"@id": "gts:automaticApproval", "@type": "@id"},
    },
]
EVENT_CONTEXT: list[Any] = [
    *POST_CONTEXT,
    {
        "sc": "http://schema.org#",
        "mz": "https://joinmobilizon.org/ns#",
        "ical": "http://www.w3.org/2002/12/cal/ical#",
        "fep8a8e": "https://w3id.org/fep/8a8e/",
        "coopole": COOPOLE,
        "PostalAddress": "sc:PostalAddress",
        "location": {"@id": "as:location", "@type": "@id"},
        "address": {"@id": "sc:address", "@type": "sc:PostalAddress"},
        "streetAddress": "sc:streetAddress",
        "postalCode": "sc:postalCode",
        "addressLocality": "sc:addressLocality",
        "addressRegion": "sc:addressRegion",
        "addressCountry": "sc:addressCountry",
        "category": "sc:category",
        "additionalType": "sc:additionalType",
        "accessibilityFeature": "sc:accessibilityFeature",
        "superEvent": {"@id": "sc:superEvent", "@type": "@id"},
        "subEvent": "sc:subEvent",
        "inLanguage": "sc:inLanguage",
        "maximumAttendeeCapacity": "sc:maximumAttendeeCapacity",
        "remainingAttendeeCapacity": "sc:remainingAttendeeCapacity",
        "timezone": {"@id": "mz:timezone", "@type": "sc:Text"},
        "joinMode": "mz:joinMode",
        "externalParticipationUrl": {"@id": "mz:externalParticipationUrl", "@type": "sc:URL"},
        "participantCount": "mz:participantCount",
        "anonymousParticipationEnabled": "mz:anonymousParticipationEnabled",
        "repliesModerationOption": "mz:repliesModerationOption",
        "isOnline": "mz:isOnline",
        "commentsEnabled": "https://joinpeertube.org/ns#commentsEnabled",
        "status": "ical:status",
        "eventStatus": {"@id": "fep8a8e:eventStatus", "@type": "@vocab"},
        "organizers": {"@id": "fep8a8e:organizers", "@type": "@id"},
        "attendees": {"@id": "fep8a8e:attendees", "@type": "@id"},
        "displayEndTime": "fep8a8e:displayEndTime",
        "isAllDay": "coopole:isAllDay",
        "mostGuests": "coopole:mostGuests",
        "questions": "coopole:questions",
        "guests": "coopole:guests",
        "answers": "coopole:answers",
        "shifts": {"@id": "coopole:shifts", "@type": "@id"},
        "participationMessage": {"@id": "mz:participationMessage", "@type": "sc:Text"},
    },
]
REQUEST_CONTEXT: list[Any] = [NAMESPACE, {"QuoteRequest": f"{FEP_044F}QuoteRequest"}]
AUTHORIZATION_CONTEXT: list[Any] = [
    NAMESPACE,
    {
        "QuoteAuthorization": f"{FEP_044F}QuoteAuthorization",
        "gts": GOTOSOCIAL,
        "interactingObject": {"@id": "gts:interactingObject", "@type": "@id"},
        "interactionTarget": {"@id": "gts:interactionTarget", "@type": "@id"},
    },
]
MEMBERSHIP_CONTEXT: list[Any] = [
    NAMESPACE,
    {
        "mz": "https://joinmobilizon.org/ns#",
        "sc": "http://schema.org#",
        "Member": "mz:Member",
        "role": "mz:role",
        "participationMessage": {"@id": "mz:participationMessage", "@type": "sc:Text"},
    },
]
DETAILS_NOTICE_CONTEXT: list[Any] = [NAMESPACE, {"coopole": COOPOLE, "SharedDetails": "coopole:SharedDetails"}]
DETAILS_CONTEXT: list[Any] = [
    NAMESPACE,
    {
        "coopole": COOPOLE,
        "SharedDetails": "coopole:SharedDetails",
        "SharedDetail": "coopole:SharedDetail",
        "details": {"@id": "coopole:details", "@container": "@set"},
        "value": "coopole:value",
        "consent": "coopole:consent",
        "version": "coopole:version",
        "language": "coopole:language",
        "keepUntil": {"@id": "coopole:keepUntil", "@type": "http://www.w3.org/2001/XMLSchema#dateTime"},
    },
]
EMOJI_CONTEXT: list[Any] = [
    NAMESPACE,
    {
        "toot": "http://joinmastodon.org/ns#",
        "Emoji": "toot:Emoji",
        "litepub": "http://litepub.social/ns#",
        "EmojiReact": "litepub:EmojiReact",
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
        "movedTo": {"@id": "as:movedTo", "@type": "@id"},
        "toot": "http://joinmastodon.org/ns#",
        "featured": {"@id": "toot:featured", "@type": "@id"},
        "discoverable": "toot:discoverable",
        "indexable": "toot:indexable",
        "wf": "https://purl.archive.org/socialweb/webfinger#",
        "webfinger": "wf:webfinger",
        "schema": "http://schema.org#",
        "PropertyValue": "schema:PropertyValue",
        "value": "schema:value",
    },
]
GROUP_CONTEXT: list[Any] = [
    *ACTOR_CONTEXT,
    {
        "mz": "https://joinmobilizon.org/ns#",
        "openness": {"@id": "mz:openness", "@type": "@id"},
        "members": {"@id": "mz:members", "@type": "@id"},
        "posts": {"@id": "mz:posts", "@type": "@id"},
        "events": {"@id": "mz:events", "@type": "@id"},
        "resources": {"@id": "mz:resources", "@type": "@id"},
        "todos": {"@id": "mz:todos", "@type": "@id"},
        "discussions": {"@id": "mz:discussions", "@type": "@id"},
        "acceptsSharedDetails": f"{COOPOLE}acceptsSharedDetails",
        "upcomingEvents": {"@id": "https://w3id.org/fep/8a8e/upcomingEvents", "@type": "@id"},
        "PostalAddress": "schema:PostalAddress",
        "address": "schema:address",
        "streetAddress": "schema:streetAddress",
        "addressLocality": "schema:addressLocality",
    },
]
