"""Every activity this server understands: one row each, none elsewhere.

An object is named by its kind: 'Actor' for the five actor types, 'Post' for everything that is published (POST_TYPES
in vocabulary.py), 'Tombstone' for what is only deleted, else the type of the activity that another one is about. Coming
to an event has kinds of its own, 'Event', 'EventJoin', 'EventInvite' and 'EventAnswer': about_events.py says which.
"""

from federation.handlers import (
    emoji,
    featured,
    follow,
    invitation,
    moderation,
    moving,
    participation,
    post,
    profile,
    quiet,
    reaction,
)
from federation.handlers.handler import Effects, Handler

__all__ = ["HANDLERS", "Effects", "Handler"]

HANDLERS: dict[tuple[str, str], Handler] = {
    # (activity, object)      who may do it                    what it does
    ("Follow", "Actor"): Handler(follow.authorise_request, follow.request),
    ("Accept", "Follow"): Handler(follow.authorise_answer, follow.accept),
    ("Reject", "Follow"): Handler(follow.authorise_answer, follow.reject),
    ("Undo", "Follow"): Handler(follow.authorise_undo, follow.undo),
    ("Create", "Post"): Handler(post.authorise_create, post.create),
    ("Update", "Post"): Handler(post.authorise_change, post.update),
    ("Delete", "Post"): Handler(post.authorise_change, post.delete),
    ("Delete", "Tombstone"): Handler(post.authorise_burial, post.bury),
    ("Like", "Post"): Handler(emoji.authorise, emoji.react),
    ("Undo", "Like"): Handler(emoji.authorise_undo_like, emoji.undo_like),
    ("EmojiReact", "Post"): Handler(emoji.authorise, emoji.react),
    ("Undo", "EmojiReact"): Handler(emoji.authorise_undo, emoji.undo),
    ("Announce", "Post"): Handler(reaction.authorise_announce, reaction.announce),
    ("Undo", "Announce"): Handler(reaction.authorise_undo, reaction.undo_announce),
    ("Add", "Post"): Handler(featured.authorise, featured.add),
    ("Remove", "Post"): Handler(featured.authorise, featured.remove),
    ("Block", "Actor"): Handler(moderation.authorise_block, moderation.block),
    ("Undo", "Block"): Handler(moderation.authorise_unblock, moderation.unblock),
    ("Flag", "Actor"): Handler(moderation.authorise_flag, moderation.flag),
    ("Flag", "Post"): Handler(moderation.authorise_flag, moderation.flag),
    ("Dislike", "Post"): Handler(quiet.authorise, quiet.note),
    ("Dislike", "unknown object"): Handler(quiet.authorise, quiet.note),
    ("Undo", "Dislike"): Handler(quiet.authorise, quiet.note),
    ("View", "Post"): Handler(quiet.authorise, quiet.note),
    ("View", "unknown object"): Handler(quiet.authorise, quiet.note),
    ("Undo", "View"): Handler(quiet.authorise, quiet.note),
    ("Read", "Post"): Handler(quiet.authorise, quiet.note),
    ("Read", "unknown object"): Handler(quiet.authorise, quiet.note),
    ("Undo", "Read"): Handler(quiet.authorise, quiet.note),
    ("Listen", "Post"): Handler(quiet.authorise, quiet.note),
    ("Listen", "unknown object"): Handler(quiet.authorise, quiet.note),
    ("Undo", "Listen"): Handler(quiet.authorise, quiet.note),
    ("Join", "Event"): Handler(participation.authorise_join, participation.join),
    ("Undo", "EventJoin"): Handler(participation.authorise_undo, participation.undo),
    ("Leave", "Event"): Handler(participation.authorise_leave, participation.leave),
    ("Accept", "EventJoin"): Handler(participation.authorise_answer, participation.accept),
    ("TentativeAccept", "EventJoin"): Handler(participation.authorise_answer, participation.accept_perhaps),
    ("Reject", "EventJoin"): Handler(participation.authorise_answer, participation.reject),
    ("TentativeReject", "EventJoin"): Handler(participation.authorise_answer, quiet.note),
    ("Ignore", "EventJoin"): Handler(participation.authorise_answer, quiet.note),
    ("Ignore", "Event"): Handler(quiet.authorise, quiet.note),
    ("Invite", "Event"): Handler(invitation.authorise_invite, invitation.invite),
    ("Undo", "EventInvite"): Handler(invitation.authorise_undo, invitation.undo),
    ("Accept", "Event"): Handler(invitation.authorise_answer, invitation.answer),
    ("Accept", "EventInvite"): Handler(invitation.authorise_answer, invitation.answer),
    ("TentativeAccept", "Event"): Handler(invitation.authorise_answer, invitation.answer),
    ("TentativeAccept", "EventInvite"): Handler(invitation.authorise_answer, invitation.answer),
    ("Reject", "Event"): Handler(invitation.authorise_answer, invitation.answer),
    ("Reject", "EventInvite"): Handler(invitation.authorise_answer, invitation.answer),
    ("TentativeReject", "Event"): Handler(invitation.authorise_answer, invitation.answer),
    ("TentativeReject", "EventInvite"): Handler(invitation.authorise_answer, invitation.answer),
    ("Undo", "EventAnswer"): Handler(participation.authorise_undo, participation.undo),
    ("Move", "Actor"): Handler(moving.authorise, moving.move),
    ("Update", "Actor"): Handler(profile.authorise, profile.update),
    ("Delete", "Actor"): Handler(profile.authorise, profile.delete),
}
