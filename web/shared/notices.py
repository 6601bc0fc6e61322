"""What is said at the head of a page after a form was sent: the address names it, and nothing else can be said there."""

from starlette.requests import Request


def _(sentence: str) -> str:
    """Mark a sentence for the catalogues."""
    return sentence


POSTED = "posted"
NOTICES = {
    "logged_out": _("You are logged out."),
    "ended": _("That session has ended."),
    "ended_others": _("All other sessions have ended."),
    "password": _("The password has been changed. All other sessions have ended."),
    "password_chosen": _("The password has been changed. Log in with it."),
    "took_long": _("This took too long. Begin anew."),
    "second_step_off": _("You log in with your password alone again."),
    "second_step_due": _(
        "You run this server: set up a second step or a passkey first. Everything else is closed until then."
    ),
    "passkey_added": _("The passkey has been added."),
    "passkey_removed": _("The passkey has been removed. It opens nothing here any more."),
    "ended_app": _("That application can do nothing in your name any more."),
    "ended_apps": _("No application can do anything in your name any more."),
    "signed_up": _("Your account is ready. Log in."),
    "sign_up_accepted": _("The account has been made, and a letter says so."),
    "sign_up_refused": _("The account has been refused, and a letter says so. What was sent is forgotten."),
    "joined": _("You belong to it now."),
    "asked": _("Your request has been sent. You will find the answer here."),
    "declined": _("You have declined."),
    "withdrawn": _("You have taken your request back."),
    "left": _("You have left it."),
    "approved": _("This person belongs to the section now."),
    "refused": _("The request has been refused."),
    "removed": _("This person no longer belongs to the section."),
    "invited": _("The invitation has been sent."),
    "invited_elsewhere": _("The invitation is on its way to your own server. Accept it there."),
    "taken_back": _("It has been taken back."),
    "link_ended": _("This link no longer works."),
    "agreed": _("The section agrees. What happens now depends on the other one."),
    "together": _("The section organises it, too."),
    "together_asked": _("The section has been asked."),
    "moving": _("Both sections have been asked. Until they agree nothing changes."),
    "move_answered": _("Your wish to move was answered at once: you see the outcome below."),
    "offered": _("The role has been offered. It changes hands when they accept."),
    "role_taken": _("You hold this role now."),
    "role_ended": _("This role has ended."),
    "retired": _("You have given this role up."),
    "answered": _("Your answer is kept, and the organisers know."),
    "published": _("It has been published."),
    POSTED: _("It has been published."),
    "draft_kept": _("Your draft has been kept. Nobody else sees it."),
    "draft_deleted": _("The draft has been deleted."),
    "scheduled": _("It will be published by itself at that time."),
    "rewrite": _("It has been deleted. Here is what it said, to be written again."),
    "changed": _("It has been changed, here and wherever it went."),
    "deleted": _("It has been deleted. Other servers are told to delete it too."),
    "report_closed": _("The report has been closed."),
    "kept": _("It has been kept."),
    "shared": _("You share it now with those who manage the section."),
    "sent": _("Their server has been told, and reads it. Those who manage the section see it then."),
    "announced": _("The event has been announced."),
    "series_announced": _("The first two events have been announced. The others follow in time, by themselves."),
    "series_changed": _("This event and those that follow have been changed, and whoever received them is told."),
    "series_cancelled": _(
        "This event and those that follow are cancelled. Those who said that they come are being told."
    ),
    "series_postponed": _(
        "This event and those that follow are postponed. Those who said that they come are being told."
    ),
    "series_held": _("This event and those that follow take place. Those who said that they come are being told."),
    "series_deleted": _("This event and those that follow have been deleted."),
    "date_left_out": _("Nothing takes place on that day."),
    "date_held": _("That date will be announced in time."),
    "event_changed": _("The event has been changed, and whoever received it is told."),
    "event_cancelled": _("The event is cancelled. Those who said that they come are being told."),
    "event_postponed": _("The event is postponed. Those who said that they come are being told."),
    "event_held": _("The event takes place. Those who said that they come are being told."),
    "event_deleted": _("The event has been deleted."),
    "reported": _("It has been kept. What you wrote stands below the event."),
    "comes": _("This person comes, and is being told."),
    "comes_not": _("This person does not come, and is being told."),
    "calendar_address": _("Here is your new address. The one before it, if there was one, leads nowhere now."),
    "calendar_ended": _("This address leads nowhere now."),
    "imported": _("The events you chose have been published."),
    "followed": _("You follow this account now."),
    "follow_sent": _("The other server has been asked. It may take a moment, or the answer of a person."),
    "follow_accepted": _("This account follows you now."),
    "unfollowed": _("You no longer follow."),
    "dismissed": _("This account does not follow you any more."),
    "muted": _("You read nothing of this account any more."),
    "unmuted": _("You read this account again."),
    "blocked": _("You have blocked this account."),
    "unblocked": _("The block has been taken back."),
    "server_hidden": _("You read nothing of this server any more."),
    "server_shown": _("You read this server again."),
    "tag_followed": _("You follow this hashtag now."),
    "tag_unfollowed": _("You no longer follow this hashtag."),
    "report_sent": _("Thank you. Those who moderate will look at it."),
    "list_made": _("The list is there. Now put somebody in it."),
    "list_grew": _("It has been added to the list."),
    "list_shrank": _("It has been taken out of the list."),
    "list_deleted": _("The list has been deleted."),
    "filter_deleted": _("The filter has been deleted."),
    "profile_kept": _("Your profile has been kept, and those who follow you are told."),
    "links_verified": _("The pages have been looked at: those that link back to you are marked."),
    "links_not_verified": _("None of these pages links back to you with rel=me yet, or could be read."),
    "alias_added": _("Your profile says now that this account is yours, too."),
    "alias_dropped": _("Your profile no longer says so."),
    "moved": _("You have moved. Those who follow you go along, each as soon as their server has done it."),
    "moved_back": _("You are back. This account speaks again."),
    "consent_withdrawn": _("You have withdrawn it, and what was shared by it is erased."),
    "post_reported": _("Thank you. Those who moderate this server read your report."),
    "put_away": _("It has been put away."),
    "cleared": _("Everything has been put away."),
    "follower_accepted": _("This person follows you now."),
    "follower_refused": _("The request has been refused."),
    "heard": _("You hear from this person from now on."),
}


def notice_of(request: Request) -> str:
    """Give the English sentence that the address names; '' where it names none."""
    return NOTICES.get(request.query_params.get("said", ""), "")


def undo_of(request: Request) -> str:
    """Give the page that takes back what has just been published; '' where nothing has been."""
    id_ = request.query_params.get("post", "")
    is_post = request.query_params.get("said") == POSTED and id_.isascii() and id_.isdigit() and len(id_) < 20
    return f"/posts/{id_}/delete" if is_post else ""
