"""What a Status says of quotes: how far consent has come, and who may quote it.

Source: docs.joinmastodon.org/entities/Quote, /QuoteApproval
"""

from typing import TypedDict

from models.actor import Actor
from models.post import Post, QuotePolicy
from models.quote import QuoteState
from server.posts.queries import QuoteView


class QuoteApproval(TypedDict):
    """Who may quote a status."""

    automatic: list[str]
    manual: list[str]
    current_user: str


POLICY_OF = {
    "public": QuotePolicy.EVERYBODY,
    "followers": QuotePolicy.FOLLOWERS,
    "nobody": QuotePolicy.NOBODY,
}
AUTOMATIC = {QuotePolicy.EVERYBODY: ["public"], QuotePolicy.FOLLOWERS: ["followers"], QuotePolicy.NOBODY: []}
STATES = {
    QuoteState.REQUESTED: "pending",
    QuoteState.REJECTED: "rejected",
    QuoteState.REVOKED: "revoked",
}


def quote_state(view: QuoteView) -> str:
    """Name how far consent has come, in the words of clients; of what is shown it is "accepted"."""
    row = view.row
    if row.state in STATES:
        return STATES[row.state]
    if row.quoted_id is None:
        return "deleted" if row.state is QuoteState.ACCEPTED else "pending"
    return "accepted" if view.shown or view.is_inner else "unauthorized"


def quote_approval(post: Post, viewer: Actor | None) -> QuoteApproval:
    """Write who may quote a post, and whether the viewer may; whom its author counts as followers is not asked."""
    automatic = AUTOMATIC[post.quote_policy] if post.is_open else []
    if viewer is None:
        current = "denied"
    elif post.actor_id == viewer.id or "public" in automatic:
        current = "automatic"
    else:
        current = "unknown" if automatic else "denied"
    return {"automatic": automatic, "manual": [], "current_user": current}
