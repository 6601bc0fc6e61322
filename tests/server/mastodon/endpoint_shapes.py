"""What each endpoint that is read answers with: one row an endpoint, in the words of `shapes.py`.

A placeholder in an address stands for every thing of its kind in the data set (`difficult.py`), one after the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.server.mastodon.shapes import (
    ACCOUNT,
    ATTACHMENT,
    CONVERSATION,
    CREDENTIAL_ACCOUNT,
    EMOJI,
    FEATURED_TAG,
    FILTER,
    GROUPED,
    INSTANCE_V1,
    INSTANCE_V2,
    NOTIFICATION,
    NOTIFICATION_POLICY,
    NOTIFICATION_REQUEST,
    OWN_STATUS,
    POLL,
    PROFILE,
    PUSH_SUBSCRIPTION,
    RELATIONSHIP,
    REPORT,
    STATUS,
    TAG,
    Many,
    day,
    id_,
    instant,
    integer,
    one_of,
    or_null,
    url,
)

VISIBILITY = one_of("public", "unlisted", "private", "direct")

LIST = {"id": id_, "title": str, "replies_policy": one_of("followed", "list", "none"), "exclusive": bool}
MARKER = {"last_read_id": id_, "version": integer, "updated_at": instant}
SOURCE = {"id": id_, "text": str, "spoiler_text": str}
EDIT = {
    "content": str, "spoiler_text": str, "sensitive": bool, "created_at": instant, "account": ACCOUNT,
    "media_attachments": Many(ATTACHMENT), "emojis": Many(EMOJI),
}  # fmt: skip
SCHEDULED = {
    "id": id_, "scheduled_at": instant, "media_attachments": Many(ATTACHMENT),
    "params": {
        "text": str, "poll": or_null({"options": Many(str), "multiple": bool, "hide_totals": bool}),
        "media_ids": or_null(Many(id_)), "sensitive": bool, "spoiler_text": str, "visibility": VISIBILITY,
        "in_reply_to_id": or_null(id_), "language": or_null(str), "scheduled_at": or_null(instant),
    },
}  # fmt: skip
PREFERENCES = {
    "posting:default:visibility": VISIBILITY, "posting:default:sensitive": bool, "posting:default:language": or_null(str),
    "posting:default:quote_policy": one_of("public", "followers", "nobody"),
    "reading:expand:media": one_of("default", "show_all", "hide_all"), "reading:expand:spoilers": bool,
    "reading:autoplay:gifs": bool,
}  # fmt: skip
OWN_TAG = TAG | {"following": bool}
FILTER_KEYWORD = {"id": id_, "keyword": str, "whole_word": bool}
FILTER_STATUS = {"id": id_, "status_id": id_}
FILTER_V1 = {
    "id": id_, "phrase": str, "context": Many(str), "whole_word": bool, "expires_at": or_null(instant),
    "irreversible": bool,
}  # fmt: skip
POLICY_V1 = {
    "filter_not_following": bool, "filter_not_followers": bool, "filter_new_accounts": bool,
    "filter_private_mentions": bool, "summary": NOTIFICATION_POLICY["summary"],
}  # fmt: skip
REACTION = {
    "name": str, "count": integer, "me": bool, "url": or_null(url), "static_url": or_null(url),
}  # fmt: skip
APPLICATION = {
    "id": id_, "name": str, "website": or_null(url), "scopes": Many(str), "redirect_uris": Many(str),
    "redirect_uri": str, "vapid_key": str,
}  # fmt: skip
RULE = {"id": str, "text": str, "hint": str}
PREVIEW_CARD = {
    "url": url, "title": str, "description": str, "type": one_of("link", "photo", "video", "rich"), "html": str,
    "author_name": str, "author_url": str, "provider_name": str, "provider_url": str, "width": integer,
    "height": integer, "image": or_null(url), "embed_url": str,
}  # fmt: skip
SUGGESTION = {"source": str, "sources": Many(str), "account": ACCOUNT}
DOMAIN_BLOCK = {"domain": str, "digest": str, "severity": one_of("silence", "suspend"), "comment": or_null(str)}
ANNOUNCEMENT = {
    "id": id_, "content": str, "starts_at": or_null(instant), "ends_at": or_null(instant), "all_day": bool,
    "published_at": instant, "updated_at": instant, "mentions": list, "statuses": list, "tags": list,
    "emojis": Many(EMOJI), "reactions": Many({"name": str, "count": integer}),
}  # fmt: skip
DESCRIPTION = {"updated_at": instant, "content": str}
TERMS = {"effective_date": day, "effective": bool, "content": str, "succeeded_by": or_null(day)}
COUNT = {"count": integer}


@dataclass(frozen=True, slots=True)
class Answer:
    """The shape of an endpoint's answer to a member, and that to the public; None where the public is told 401.

    `addresses` is what is asked, where the path of the route does not say it.
    """

    shape: Any
    public: Any = None
    addresses: tuple[str, ...] = ()


def both(shape: Any, *addresses: str) -> Answer:
    """Give an answer that is the same for everybody."""
    return Answer(shape, shape, addresses)


def own(shape: Any, *addresses: str) -> Answer:
    """Give an answer for members alone."""
    return Answer(shape, None, addresses)


def statuses(*addresses: str) -> Answer:
    """Give a list of statuses, in which a member finds what they did with them."""
    return Answer(Many(OWN_STATUS), Many(STATUS), addresses)


ACCOUNTS = Many(ACCOUNT)

ANSWERS: Mapping[str, Answer] = {
    "/openapi.json": both({"openapi": str, "info": dict, "paths": dict}),
    "/v1/accounts/verify_credentials": own(CREDENTIAL_ACCOUNT),
    "/v1/accounts/lookup": both(ACCOUNT, "/v1/accounts/lookup?acct={handle}"),
    "/v1/accounts/relationships": own(Many(RELATIONSHIP), "/v1/accounts/relationships?{accounts}"),
    "/v1/accounts/familiar_followers": own(
        Many({"id": id_, "accounts": ACCOUNTS}), "/v1/accounts/familiar_followers?{accounts}"
    ),
    "/v1/accounts/search": own(ACCOUNTS, "/v1/accounts/search?q=n", "/v1/accounts/search?q=zo"),
    "/v1/accounts": both(ACCOUNTS, "/v1/accounts?{accounts}"),
    "/v1/accounts/{id}": both(ACCOUNT, "/v1/accounts/{account}"),
    "/v1/accounts/{id}/statuses": statuses(
        "/v1/accounts/{account}/statuses", "/v1/accounts/{account}/statuses?pinned=true",
        "/v1/accounts/{account}/statuses?only_media=true",
    ),
    "/v1/accounts/{id}/followers": both(ACCOUNTS, "/v1/accounts/{account}/followers"),
    "/v1/accounts/{id}/following": both(ACCOUNTS, "/v1/accounts/{account}/following"),
    "/v1/accounts/{id}/endorsements": both(ACCOUNTS, "/v1/accounts/{account}/endorsements"),
    "/v1/accounts/{id}/featured_tags": both(Many(FEATURED_TAG), "/v1/accounts/{account}/featured_tags"),
    "/v1/accounts/{id}/lists": own(Many(LIST), "/v1/accounts/{account}/lists"),
    "/v1/profile": own(PROFILE),
    "/v1/endorsements": own(ACCOUNTS),
    "/v1/accounts/{id}/identity_proofs": own(Many({}), "/v1/accounts/{account}/identity_proofs"),
    "/v1/directory": both(ACCOUNTS),
    "/v1/domain_blocks": own(Many(str)),
    "/v1/domain_blocks/preview": own(
        {"following_count": integer, "followers_count": integer}, "/v1/domain_blocks/preview?domain=far.test"
    ),
    "/v1/reports": own(Many(REPORT)),
    "/v1/announcements": own(Many(ANNOUNCEMENT)),
    "/v1/apps/verify_credentials": own(APPLICATION),
    "/v1/blocks": own(ACCOUNTS),
    "/v1/mutes": own(Many(ACCOUNT | {"mute_expires_at": or_null(instant)})),
    "/v1/follow_requests": own(ACCOUNTS),
    "/v1/bookmarks": own(Many(OWN_STATUS)),
    "/v1/favourites": own(Many(OWN_STATUS)),
    "/v1/statuses": statuses("/v1/statuses?{statuses}"),
    "/v1/statuses/{id}": Answer(OWN_STATUS, STATUS, ("/v1/statuses/{status}",)),
    "/v1/statuses/{id}/context": Answer(
        {"ancestors": Many(OWN_STATUS), "descendants": Many(OWN_STATUS)},
        {"ancestors": Many(STATUS), "descendants": Many(STATUS)},
        ("/v1/statuses/{status}/context",),
    ),
    "/v1/statuses/{id}/history": both(Many(EDIT), "/v1/statuses/{status}/history"),
    "/v1/statuses/{id}/quotes": statuses("/v1/statuses/{status}/quotes"),
    "/v1/statuses/{id}/card": both({}, "/v1/statuses/{status}/card"),
    "/v1/statuses/{id}/source": own(SOURCE, "/v1/statuses/{own}/source"),
    "/v1/statuses/{id}/favourited_by": both(ACCOUNTS, "/v1/statuses/{status}/favourited_by"),
    "/v1/statuses/{id}/reblogged_by": both(ACCOUNTS, "/v1/statuses/{status}/reblogged_by"),
    "/v1/pleroma/statuses/{id}/reactions": both(Many(REACTION), "/v1/pleroma/statuses/{status}/reactions"),
    "/v1/pleroma/statuses/{id}/reactions/{emoji}": both(Many(REACTION), "/v1/pleroma/statuses/{status}/reactions/🎉"),
    "/v1/polls/{id}": both(POLL, "/v1/polls/{poll}"),
    "/v1/media/{id}": own(ATTACHMENT, "/v1/media/{media}"),
    "/v1/scheduled_statuses": own(Many(SCHEDULED)),
    "/v1/scheduled_statuses/{id}": own(SCHEDULED, "/v1/scheduled_statuses/{scheduled}"),
    "/v1/timelines/home": own(Many(OWN_STATUS), "/v1/timelines/home?limit=40"),
    "/v1/timelines/public": statuses(*(f"/v1/timelines/public?limit=40{more}" for more in ("", "&local=1", "&remote=1"))),
    "/v1/timelines/link": own(Many(OWN_STATUS), "/v1/timelines/link?url=https://page.test/"),
    "/v1/timelines/network": statuses("/v1/timelines/network?limit=40"),
    "/v1/timelines/tag/{name}": statuses("/v1/timelines/tag/{tag}"),
    "/v1/timelines/list/{id}": own(Many(OWN_STATUS), "/v1/timelines/list/{list}", "/v1/timelines/list/1"),
    "/v2/search": Answer(
        {"accounts": ACCOUNTS, "statuses": Many(OWN_STATUS), "hashtags": Many(OWN_TAG)},
        {"accounts": ACCOUNTS, "statuses": Many(STATUS), "hashtags": Many(TAG)},
        ("/v2/search?q=no", "/v2/search?q={tag}", "/v2/search?q=zoe"),
    ),
    "/v1/tags/{name}": Answer(OWN_TAG, TAG, ("/v1/tags/{tag}",)),
    "/v1/followed_tags": own(Many(OWN_TAG)),
    "/v1/featured_tags": own(Many(FEATURED_TAG)),
    "/v1/featured_tags/suggestions": own(Many(OWN_TAG)),
    "/v1/lists": own(Many(LIST)),
    "/v1/lists/{id}": own(LIST, "/v1/lists/{list}", "/v1/lists/1"),
    "/v1/lists/{id}/accounts": own(ACCOUNTS, "/v1/lists/{list}/accounts", "/v1/lists/1/accounts"),
    "/v1/filters": own(Many(FILTER_V1)),
    "/v1/filters/{id}": own(FILTER_V1, "/v1/filters/{keyword}"),
    "/v2/filters": own(Many(FILTER)),
    "/v2/filters/{id}": own(FILTER, "/v2/filters/{filter}"),
    "/v2/filters/{id}/keywords": own(Many(FILTER_KEYWORD), "/v2/filters/{filter}/keywords"),
    "/v2/filters/{id}/statuses": own(Many(FILTER_STATUS), "/v2/filters/{filter}/statuses"),
    "/v2/filters/keywords/{id}": own(FILTER_KEYWORD, "/v2/filters/keywords/{keyword}"),
    "/v2/filters/statuses/{id}": own(FILTER_STATUS, "/v2/filters/statuses/{filtered}"),
    "/v1/notifications": own(Many(NOTIFICATION), "/v1/notifications?limit=80"),
    "/v1/notifications/{id}": own(NOTIFICATION, "/v1/notifications/{notification}"),
    "/v1/notifications/unread_count": own(COUNT),
    "/v2/notifications": own(
        GROUPED, "/v2/notifications?limit=40", "/v2/notifications?limit=40&expand_accounts=partial_avatars"
    ),
    "/v2/notifications/unread_count": own(COUNT),
    "/v2/notifications/{key}": own(GROUPED, "/v2/notifications/{group}"),
    "/v2/notifications/{key}/accounts": own(ACCOUNTS, "/v2/notifications/{group}/accounts"),
    "/v1/notifications/policy": own(POLICY_V1),
    "/v2/notifications/policy": own(NOTIFICATION_POLICY),
    "/v1/notifications/requests": own(Many(NOTIFICATION_REQUEST)),
    "/v1/notifications/requests/merged": own({"merged": bool}),
    "/v1/notifications/requests/{id}": own(NOTIFICATION_REQUEST, "/v1/notifications/requests/{asking}"),
    "/v1/conversations": own(Many(CONVERSATION)),
    "/v1/markers": own({"home": MARKER, "notifications": MARKER}, "/v1/markers?timeline[]=home&timeline[]=notifications"),
    "/v1/push/subscription": own(PUSH_SUBSCRIPTION),
    "/v1/preferences": own(PREFERENCES),
    "/v1/instance": both(INSTANCE_V1),
    "/v2/instance": both(INSTANCE_V2),
    "/v1/instance/rules": both(Many(RULE)),
    "/v1/instance/languages": both(Many({"code": str, "name": str})),
    "/v1/instance/translation_languages": both({}),
    "/v1/instance/extended_description": both(DESCRIPTION),
    "/v1/instance/domain_blocks": both(Many(DOMAIN_BLOCK)),
    "/v1/instance/peers": both(Many(str)),
    "/v1/instance/activity": both(Many({"week": str, "statuses": str, "logins": str, "registrations": str})),
    "/v1/instance/terms_of_service": both(TERMS),
    "/v1/instance/terms_of_service/{date}": both(TERMS, "/v1/instance/terms_of_service/2026-01-01"),
    "/v1/instance/privacy_policy": both(DESCRIPTION),
    "/v1/custom_emojis": both(Many(EMOJI)),
    "/v1/trends": both(Many(TAG)),
    "/v1/trends/tags": both(Many(TAG)),
    "/v1/trends/statuses": statuses("/v1/trends/statuses"),
    "/v1/trends/links": both(Many(PREVIEW_CARD)),
    "/v1/suggestions": own(ACCOUNTS),
    "/v2/suggestions": own(Many(SUGGESTION)),
}  # fmt: skip
