"""What nearly every client calls, and by which method Mastodon.py calls it: one row an endpoint.

MUST is on the way of login, reading, publishing and answering; SHOULD is a visible feature, or asked at every start.
Source: what Phanpy, Elk, toot, Mastodon.py, Tusky and the official apps call, counted in their source code.
"""

from collections.abc import Mapping

BY_HAND = "plain HTTP"  # Mastodon.py has no method for it
BY_NODE = "masto.js"

_ACCOUNT, _STATUS = "/api/v1/accounts/:id", "/api/v1/statuses/:id"

MUST: Mapping[str, str] = {
    "GET /.well-known/nodeinfo": "instance_nodeinfo",
    "POST /api/v1/apps": "create_app",
    "GET /oauth/authorize": BY_HAND,
    "POST /oauth/token": "log_in",
    "POST /oauth/revoke": "revoke_access_token",
    "GET /api/v2/instance": "instance_v2",
    "GET /api/v1/instance": "instance_v1",
    "GET /api/v1/accounts/verify_credentials": "account_verify_credentials",
    "PATCH /api/v1/accounts/update_credentials": "account_update_credentials",
    "GET /api/v1/accounts/lookup": "account_lookup",
    "GET /api/v1/accounts/relationships": "account_relationships",
    "GET /api/v1/accounts/search": "account_search",
    f"GET {_ACCOUNT}": "account",
    f"GET {_ACCOUNT}/statuses": "account_statuses",
    f"GET {_ACCOUNT}/followers": "account_followers",
    f"GET {_ACCOUNT}/following": "account_following",
    **{
        f"POST {_ACCOUNT}/{verb}": f"account_{verb}"
        for verb in ("follow", "unfollow", "block", "unblock", "mute", "unmute")
    },
    "GET /api/v1/follow_requests": "follow_requests",
    "POST /api/v1/follow_requests/:id/authorize": "follow_request_authorize",
    "POST /api/v1/follow_requests/:id/reject": "follow_request_reject",
    "GET /api/v1/blocks": "blocks",
    "GET /api/v1/mutes": "mutes",
    "POST /api/v1/statuses": "status_post",
    f"GET {_STATUS}": "status",
    f"PUT {_STATUS}": "status_update",
    f"DELETE {_STATUS}": "status_delete",
    f"GET {_STATUS}/source": "status_source",
    f"GET {_STATUS}/context": "status_context",
    **{
        f"POST {_STATUS}/{verb}": f"status_{verb}"
        for verb in ("favourite", "unfavourite", "reblog", "unreblog", "bookmark", "unbookmark")
    },
    "GET /api/v1/polls/:id": "poll",
    "POST /api/v1/polls/:id/votes": "poll_vote",
    "POST /api/v2/media": "media_post",
    "GET /api/v1/media/:id": "media",
    "PUT /api/v1/media/:id": "media_update",
    "GET /api/v1/timelines/home": "timeline_home",
    "GET /api/v1/timelines/public": "timeline_public",
    "GET /api/v1/timelines/tag/:id": "timeline_hashtag",
    "GET /api/v1/timelines/list/:id": "timeline_list",
    "GET /api/v2/search": "search_v2",
    "GET /api/v1/tags/:id": "tag",
    "POST /api/v1/tags/:id/follow": "tag_follow",
    "POST /api/v1/tags/:id/unfollow": "tag_unfollow",
    "GET /api/v1/followed_tags": "followed_tags",
    "GET /api/v1/lists": "lists",
    "POST /api/v1/lists": "list_create",
    "GET /api/v1/lists/:id": "list",
    "PUT /api/v1/lists/:id": "list_update",
    "DELETE /api/v1/lists/:id": "list_delete",
    "GET /api/v1/lists/:id/accounts": "list_accounts",
    "POST /api/v1/lists/:id/accounts": "list_accounts_add",
    "DELETE /api/v1/lists/:id/accounts": "list_accounts_delete",
    "GET /api/v2/filters": "filters_v2",
    "POST /api/v2/filters": "create_filter_v2",
    "GET /api/v2/filters/:id": "filter_v2",
    "PUT /api/v2/filters/:id": "update_filter_v2",
    "DELETE /api/v2/filters/:id": "delete_filter_v2",
    "GET /api/v1/notifications": "notifications",
    "GET /api/v1/notifications/:id": "notifications",
    "GET /api/v1/conversations": "conversations",
    "GET /api/v1/markers": "markers_get",
    "POST /api/v1/markers": "markers_set",
    "POST /api/v1/reports": "report",
}

SHOULD: Mapping[str, str] = {
    "GET /.well-known/host-meta": BY_HAND,
    "GET /.well-known/oauth-authorization-server": "oauth_authorization_server_info",
    "GET /api/v1/instance/rules": "instance_rules",
    "GET /api/v1/instance/extended_description": "instance_extended_description",
    "GET /api/v1/custom_emojis": "custom_emojis",
    "POST /api/v1/accounts": "create_account",
    "GET /api/v1/accounts": "accounts",
    f"POST {_ACCOUNT}/note": "account_note_set",
    f"POST {_ACCOUNT}/remove_from_followers": "account_remove_from_followers",
    f"GET {_ACCOUNT}/lists": "account_lists",
    "GET /api/v1/accounts/familiar_followers": "account_familiar_followers",
    f"GET {_ACCOUNT}/featured_tags": "account_featured_tags",
    f"POST {_ACCOUNT}/email_subscriptions": BY_HAND,
    "GET /api/v1/domain_blocks": "domain_blocks",
    "POST /api/v1/domain_blocks": "domain_block",
    "DELETE /api/v1/domain_blocks": "domain_unblock",
    "DELETE /api/v1/profile/avatar": "account_delete_avatar",
    "DELETE /api/v1/profile/header": "account_delete_header",
    "GET /api/v1/preferences": "preferences",
    "GET /api/v1/statuses": "statuses",
    **{f"POST {_STATUS}/{verb}": f"status_{verb}" for verb in ("mute", "unmute", "pin", "unpin")},
    f"GET {_STATUS}/reblogged_by": "status_reblogged_by",
    f"GET {_STATUS}/favourited_by": "status_favourited_by",
    f"GET {_STATUS}/history": "status_history",
    "POST /api/v1/media": BY_HAND,
    "GET /api/v1/bookmarks": "bookmarks",
    "GET /api/v1/favourites": "favourites",
    "GET /api/v1/scheduled_statuses": "scheduled_statuses",
    "GET /api/v1/scheduled_statuses/:id": "scheduled_status",
    "PUT /api/v1/scheduled_statuses/:id": "scheduled_status_update",
    "DELETE /api/v1/scheduled_statuses/:id": "scheduled_status_delete",
    "GET /api/v1/featured_tags": "featured_tags",
    "POST /api/v1/featured_tags": "featured_tag_create",
    "DELETE /api/v1/featured_tags/:id": "featured_tag_delete",
    "GET /api/v1/trends": BY_HAND,
    "GET /api/v1/trends/tags": "trending_tags",
    "GET /api/v1/trends/statuses": "trending_statuses",
    "GET /api/v1/trends/links": "trending_links",
    "GET /api/v2/suggestions": "suggestions",
    "GET /api/v2/filters/:id/keywords": "filter_keywords_v2",
    "POST /api/v2/filters/:id/keywords": "add_filter_keyword_v2",
    "PUT /api/v2/filters/keywords/:id": BY_HAND,
    "DELETE /api/v2/filters/keywords/:id": "delete_filter_keyword_v2",
    "GET /api/v1/filters": "filters",
    "POST /api/v1/filters": "filter_create",
    "GET /api/v1/filters/:id": "filter",
    "PUT /api/v1/filters/:id": "filter_update",
    "DELETE /api/v1/filters/:id": "filter_delete",
    "POST /api/v1/notifications/clear": "notifications_clear",
    "GET /api/v2/notifications": "grouped_notifications",
    "GET /api/v2/notifications/policy": "notifications_policy",
    "PATCH /api/v2/notifications/policy": "update_notifications_policy",
    "PUT /api/v2/notifications/policy": BY_NODE,
    "POST /api/v1/conversations/:id/read": "conversations_read",
    "DELETE /api/v1/conversations/:id": BY_HAND,
    "GET /api/v1/push/subscription": "push_subscription",
    "POST /api/v1/push/subscription": "push_subscription_set",
    "PUT /api/v1/push/subscription": "push_subscription_update",
    "DELETE /api/v1/push/subscription": "push_subscription_delete",
    "GET /api/v1/streaming": BY_NODE,
    "GET /api/v1/announcements": "announcements",
    "POST /api/v1/announcements/:id/dismiss": "announcement_dismiss",
}

ROWS: Mapping[str, str] = {**MUST, **SHOULD}

NOT_OFFERED = frozenset(
    {
        "POST /api/v1/announcements/:id/dismiss",  # nothing is ever announced
    }
)
"""Rows of which this server answers 404. One that comes to be offered leaves this list, and is given a test."""
