"""Every activity this server understands: one row each, none elsewhere."""

from federation.handlers import follow, post, profile, reaction
from federation.handlers.handler import Effects, Handler

__all__ = ["HANDLERS", "Effects", "Handler"]

HANDLERS: dict[tuple[str, str], Handler] = {
    # (activity, object)      who may do it                    what it does
    ("Follow", "Actor"): Handler(follow.authorise_request, follow.request),
    ("Accept", "Follow"): Handler(follow.authorise_answer, follow.accept),
    ("Reject", "Follow"): Handler(follow.authorise_answer, follow.reject),
    ("Undo", "Follow"): Handler(follow.authorise_undo, follow.undo),
    ("Create", "Note"): Handler(post.authorise_create, post.create),
    ("Create", "Article"): Handler(post.authorise_create, post.create),
    ("Create", "Page"): Handler(post.authorise_create, post.create),
    ("Update", "Note"): Handler(post.authorise_change, post.update),
    ("Update", "Article"): Handler(post.authorise_change, post.update),
    ("Update", "Page"): Handler(post.authorise_change, post.update),
    ("Delete", "Note"): Handler(post.authorise_change, post.delete),
    ("Delete", "Article"): Handler(post.authorise_change, post.delete),
    ("Delete", "Page"): Handler(post.authorise_change, post.delete),
    ("Delete", "Tombstone"): Handler(post.authorise_burial, post.bury),
    ("Like", "Note"): Handler(reaction.authorise, reaction.like),
    ("Like", "Article"): Handler(reaction.authorise, reaction.like),
    ("Like", "Page"): Handler(reaction.authorise, reaction.like),
    ("Undo", "Like"): Handler(reaction.authorise_undo, reaction.undo_like),
    ("Announce", "Note"): Handler(reaction.authorise_announce, reaction.announce),
    ("Announce", "Article"): Handler(reaction.authorise_announce, reaction.announce),
    ("Announce", "Page"): Handler(reaction.authorise_announce, reaction.announce),
    ("Undo", "Announce"): Handler(reaction.authorise_undo, reaction.undo_announce),
    ("Update", "Actor"): Handler(profile.authorise, profile.update),
    ("Delete", "Actor"): Handler(profile.authorise, profile.delete),
}
