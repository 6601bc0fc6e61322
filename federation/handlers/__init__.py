"""Every activity this server understands: one row each, none elsewhere.

An object is named by its kind: 'Actor' for the five actor types, 'Post' for everything that is published (POST_TYPES
in vocabulary.py), 'Vote' for what looks like a Note and chooses an option of a poll, 'Tombstone' for what is only
deleted, else the type of the activity that another one is about.
"""

from federation.handlers import featured, follow, moderation, poll, post, profile, quiet, quote, reaction
from federation.handlers.handler import Effects, Handler

__all__ = ["HANDLERS", "Effects", "Handler"]

HANDLERS: dict[tuple[str, str], Handler] = {
    # (activity, object)      who may do it                    what it does
    ("Follow", "Actor"): Handler(follow.authorise_request, follow.request),
    ("Accept", "Follow"): Handler(follow.authorise_answer, follow.accept),
    ("Reject", "Follow"): Handler(follow.authorise_answer, follow.reject),
    ("Undo", "Follow"): Handler(follow.authorise_undo, follow.undo),
    ("Create", "Post"): Handler(post.authorise_create, post.create),
    ("Create", "Vote"): Handler(poll.authorise_vote, poll.vote),
    ("Update", "Post"): Handler(post.authorise_change, post.update),
    ("Delete", "Post"): Handler(post.authorise_change, post.delete),
    ("Delete", "Tombstone"): Handler(post.authorise_burial, post.bury),
    ("QuoteRequest", "Post"): Handler(quote.authorise_request, quote.request),
    ("Accept", "QuoteRequest"): Handler(quote.authorise_answer, quote.accept),
    ("Reject", "QuoteRequest"): Handler(quote.authorise_answer, quote.reject),
    ("Delete", "QuoteAuthorization"): Handler(quote.authorise_revocation, quote.revoke),
    ("Like", "Post"): Handler(reaction.authorise, reaction.like),
    ("Undo", "Like"): Handler(reaction.authorise_undo, reaction.undo_like),
    ("Announce", "Post"): Handler(reaction.authorise_announce, reaction.announce),
    ("Undo", "Announce"): Handler(reaction.authorise_undo, reaction.undo_announce),
    ("Add", "Post"): Handler(featured.authorise, featured.add),
    ("Remove", "Post"): Handler(featured.authorise, featured.remove),
    ("Block", "Actor"): Handler(moderation.authorise_block, moderation.block),
    ("Undo", "Block"): Handler(moderation.authorise_unblock, moderation.unblock),
    ("Flag", "Actor"): Handler(moderation.authorise_flag, moderation.flag),
    ("Flag", "Post"): Handler(moderation.authorise_flag, moderation.flag),
    ("Dislike", "Post"): Handler(quiet.authorise, quiet.note),
    ("Undo", "Dislike"): Handler(quiet.authorise, quiet.note),
    ("View", "Post"): Handler(quiet.authorise, quiet.note),
    ("Read", "Post"): Handler(quiet.authorise, quiet.note),
    ("Listen", "Post"): Handler(quiet.authorise, quiet.note),
    ("Update", "Actor"): Handler(profile.authorise, profile.update),
    ("Delete", "Actor"): Handler(profile.authorise, profile.delete),
}
