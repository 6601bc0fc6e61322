"""What the parts and the fields of all that is known about somebody are called, on the page that shows it."""

from web.shared.languages import translations


def _(sentence: str) -> str:
    """Mark a sentence for the catalogues."""
    return sentence


PARTS = {
    "profile": _("Your account, as others see it"),
    "login": _("Your login"),
    "sessions": _("Browsers you are logged in with"),
    "tokens": _("Applications you are logged in with"),
    "memberships": _("Sections you belong to"),
    "membership history": _("How you came to them, and left"),
    "transfers": _("Sections you are moving between"),
    "consents": _("What you agreed to"),
    "roles": _("Roles you hold"),
    "roles offered": _("Roles offered to you"),
    "roles you offered": _("Roles you offered"),
    "acts for sections": _("What you did for sections"),
    "calendar address": _("Private address of your agenda"),
    "invitations by link": _("Links you made"),
    "your looks at members": _("When you looked at members"),
    "looks at you": _("When others looked at you"),
    "addresses left": _("E-mail addresses left with sections"),
    "consents by e-mail": _("What was agreed to under your e-mail address"),
    "posts": _("What you published"),
    "pinned posts": _("What you pinned"),
    "you follow": _("Whom you follow"),
    "follow you": _("Who follows you"),
    "blocked by you": _("Whom you block"),
    "likes": _("What you like"),
    "emoji reactions": _("What you reacted to"),
    "boosts": _("What you shared"),
    "votes": _("How you voted in polls"),
    "events": _("Events you answered"),
    "events by e-mail": _("Events answered under your e-mail address"),
    "reports you made": _("What you reported"),
    "notifications": _("What you were told"),
}

FIELDS = {
    "uri": _("network address"),
    "url": _("page"),
    "username": _("username"),
    "display_name": _("name"),
    "name": _("name"),
    "title": _("title"),
    "handle": _("fediverse address"),
    "note_html": _("description"),
    "profile_fields": _("profile"),
    "icon_url": _("picture"),
    "image_url": _("banner"),
    "approves_followers": _("approves who follows"),
    "is_discoverable": _("is suggested to others"),
    "is_indexable": _("is found by search engines"),
    "also_known_as": _("other accounts"),
    "moved_to_uri": _("moved to"),
    "followers_count": _("people who follow"),
    "following_count": _("people followed"),
    "posts_count": _("posts"),
    "last_post_at": _("last post"),
    "published_at": _("published on"),
    "role": _("role"),
    "email": _("e-mail address"),
    "language": _("language"),
    "created_at": _("since"),
    "disabled_at": _("closed"),
    "device": _("browser"),
    "seen_at": _("last used"),
    "expires_at": _("ends"),
    "scopes": _("what it may do"),
    "revoked_at": _("revoked"),
    "state": _("state"),
    "status": _("status"),
    "message": _("message"),
    "dues_until": _("dues paid until"),
    "note": _("note"),
    "phone": _("phone number"),
    "accepted_at": _("let in"),
    "step": _("step"),
    "at": _("when"),
    "origin_says": _("answer of the first"),
    "target_says": _("answer of the second"),
    "purpose": _("purpose"),
    "version": _("version"),
    "text": _("words"),
    "given_at": _("given"),
    "given_by": _("given by"),
    "withdrawn_at": _("withdrawn"),
    "withdrawn_by": _("withdrawn by"),
    "is_hand_over": _("is a hand-over"),
    "act": _("act"),
    "at_what": _("at what"),
    "uses_left": _("uses left"),
    "rows": _("people shown"),
    "type": _("kind"),
    "visibility": _("visibility"),
    "content_warning": _("warning"),
    "content_html": _("content"),
    "source_text": _("text"),
    "to_uris": _("to"),
    "cc_uris": _("copy to"),
    "in_reply_to_uri": _("answers"),
    "edited_at": _("changed"),
    "emoji": _("emoji"),
    "post_uris": _("posts"),
    "comment": _("comment"),
    "resolved_at": _("resolved"),
    "written_at": _("written to"),
    "confirmed_at": _("confirmed"),
    "channel": _("way of answering"),
    "guests": _("guests"),
    "answers": _("answers to the questions"),
    "said_at": _("answered on"),
    "came_at": _("seen at the door"),
}

WHOSE = {
    "group": _("section"),
    "section": _("section"),
    "other": _("other section or account"),
    "former": _("former account"),
    "origin": _("from"),
    "target": _("to"),
    "giver": _("given by"),
    "person": _("person"),
    "actor": _("person"),
    "application": _("application"),
    "followed": _("person"),
    "follower": _("person"),
    "blocked": _("person"),
    "reported": _("person"),
    "post": _("post"),
    "option": _("choice"),
    "event": _("event"),
    "text": _("words"),
}


def named(name: str, language: str) -> str:
    """Name a part, or a field such as "group.name", to whoever reads a language; '' for one that has no name here."""
    say = translations(language).gettext
    if name in PARTS:
        return say(PARTS[name])
    first, _dot, rest = name.partition(".")
    field = FIELDS.get(name.rpartition(".")[2], "")
    if not rest:
        return say(field) if field else ""
    return f"{say(WHOSE[first])} ({say(field)})" if field and first in WHOSE else ""
