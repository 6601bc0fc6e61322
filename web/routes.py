"""The pages for people: one line a room. Feeds stand before profiles, whose path would take them in."""

from starlette.routing import BaseRoute, Route

import server.paths  # noqa: F401 - its convertors are used below
from web.about import pages as about
from web.contacts import pages as contacts
from web.design.pages import design
from web.embed import pages as embed
from web.events import agenda, answering, coming, private
from web.feeds import calendars
from web.feeds import pages as feeds
from web.follow import pages as follow
from web.login import forgotten, second_step
from web.login import pages as login
from web.me import calendar, consents, data, joining, passkeys, password, sessions
from web.me import pages as me
from web.me import second_step as own_second_step
from web.oauth import pages as oauth
from web.organising import form as event_form
from web.organising import pages as events_at_desk
from web.organising import people as attendance
from web.organising import report as event_report
from web.organising import series as event_series
from web.posts import pages as posts
from web.profiles import pages as profiles
from web.sections import (
    acts,
    charter,
    desk,
    importing,
    join,
    links,
    members,
    organising,
    published,
    reports,
    roles,
    settings,
    sign_ups,
    writing,
)
from web.setup import pages as setup
from web.shared.colours import colours
from web.shared.errors import error_page
from web.shared.forms import MAX_FORM_BYTES
from web.shared.logged_in import Endpoint
from web.shared.static import robots, static
from web.sign_up import pages as sign_up
from web.tags import pages as tags

__all__ = ["ROUTES", "error_page"]


def form(path: str, show: Endpoint, take: Endpoint, most_bytes: int = MAX_FORM_BYTES) -> tuple[Route, Route]:
    """Give the two routes of a page with a form, which is sent to its own address."""
    return Route(path, show, methods=["GET"]), Route(path, take, methods=["POST"], max_body_size=most_bytes)


def form_with_files(path: str, show: Endpoint, take: Endpoint) -> tuple[Route, Route]:
    """Give the two routes of a page with a form that brings files, which `own_upload` bounds."""
    return Route(path, show, methods=["GET"]), Route(path, take, methods=["POST"])


ROUTES: list[BaseRoute] = [
    Route("/", profiles.front),
    *(Route(f"/feed.{form}", feeds.main_posts(form)) for form in ("atom", "json")),
    *(Route(f"/@{{username:username}}.{form}", feeds.posts(form)) for form in ("atom", "rss", "json")),
    *(Route(f"/agenda.{form}", feeds.main_agenda(form)) for form in ("atom", "rss", "json")),
    *(Route(f"/@{{username:username}}/agenda.{form}", feeds.agenda(form)) for form in ("atom", "rss", "json")),
    Route("/agenda.ics", calendars.main_agenda),
    Route("/@{username:username}/agenda.ics", calendars.agenda),
    Route("/@{username:username}/{id:row}.ics", calendars.event),
    Route("/calendar/{token}.ics", calendars.personal),
    Route("/@{username:username}/agenda/embed", embed.agenda),
    Route("/embed/agenda.js", embed.script),
    Route("/agenda", agenda.server_agenda),
    Route("/@{username:username}/agenda", agenda.section_agenda),
    Route("/me/agenda", agenda.own_agenda),
    *form("/events/{id:row}", answering.event, answering.answer),
    *form("/@{username:username}/{id:row}/come", coming.come_form, coming.come),
    Route("/answers/sent", coming.sent),
    Route("/answers/erased", private.erased),
    *form("/answers/{token:secret}", private.private_page, private.change),
    Route("/answers/{token:secret}/data.json", private.as_json),
    Route("/@{username:username}", profiles.profile),
    Route("/@{username:username}/contact", contacts.contact_form, methods=["GET"]),
    Route("/@{username:username}/contact", contacts.leave_address, methods=["POST"], max_body_size=MAX_FORM_BYTES),
    Route("/@{username:username}/charter", charter.charter),
    Route("/@{username:username}/{id:row}", posts.post),
    Route("/actor", profiles.instance_actor),
    Route("/actors/{id:row}", profiles.actor_by_id),
    Route("/posts/{id:row}", posts.post_by_id),
    Route("/tags/{name}", tags.tag),
    Route("/follow", follow.follow_form, methods=["GET"]),
    Route("/follow", follow.follow, methods=["POST"], max_body_size=MAX_FORM_BYTES),
    Route("/contact/sent", contacts.sent),
    Route("/contact/erased", contacts.erased),
    Route("/contact/{token}", contacts.private_page, methods=["GET"]),
    Route("/contact/{token}", contacts.change, methods=["POST"], max_body_size=MAX_FORM_BYTES),
    Route("/contact/{token}/data.json", contacts.as_json),
    Route("/contact/{token}/data.csv", contacts.as_csv),
    Route("/setup/done", setup.done),
    Route("/setup/{token}", setup.setup_form, methods=["GET"]),
    Route("/setup/{token}", setup.finish, methods=["POST"], max_body_size=MAX_FORM_BYTES),
    *form("/login", login.log_in_form, login.log_in),
    *form("/login/passkey", login.log_in_address, login.log_in_by_passkey),
    *form("/login/second_step", second_step.second_step_form, second_step.take),
    *form("/login/second_step/passkey", second_step.passkey_address, second_step.take_passkey),
    *form("/login/forgotten", forgotten.forgotten_form, forgotten.ask),
    *form("/login/password/{note}", forgotten.choose_form, forgotten.choose),
    *form("/oauth/authorize", oauth.ask, oauth.answer),
    *form("/sign_up", sign_up.sign_up_form, sign_up.ask),
    Route("/sign_up/sent", sign_up.sent),
    Route("/sign_up/waiting", sign_up.waiting),
    *form("/sign_up/{note}", sign_up.confirm_form, sign_up.confirm),
    *form("/logout", login.log_out_address, login.log_out),
    *form("/me", me.me, me.answer),
    *form("/me/leave", me.leave_form, me.leave),
    *form("/me/join", joining.join_form, joining.join),
    *form("/me/move", joining.move_form, joining.move),
    *form("/me/calendar", calendar.calendar, calendar.change),
    *form("/me/consents", consents.list_consents, consents.change),
    *form("/me/delete", data.delete_form, data.delete),
    *form("/me/sessions", sessions.sessions, sessions.end),
    *form("/me/second_step", own_second_step.second_step, own_second_step.change),
    *form("/me/second_step/app", own_second_step.app_form, own_second_step.turn_on),
    *form("/me/passkeys", passkeys.passkeys, passkeys.change),
    *form("/me/password", password.password_form, password.change),
    *form("/join/{token}", links.link_form, links.redeem),
    *form("/@{username:username}/join", join.join_form, join.join),
    Route("/me/data", data.data),
    Route("/me/data.json", data.as_json),
    Route("/me/data.csv", data.as_csv),
    Route("/join/{token}/elsewhere", links.redeem_elsewhere, methods=["POST"], max_body_size=MAX_FORM_BYTES),
    Route("/@{username:username}/desk", desk.home),
    Route("/@{username:username}/desk/posts", published.list_posts),
    *form_with_files("/@{username:username}/desk/write", writing.write_form, writing.write),
    *form_with_files("/@{username:username}/desk/posts/{id:row}/edit", writing.edit_form, writing.edit),
    *form("/@{username:username}/desk/posts/{id:row}/delete", published.delete_form, published.delete),
    *form("/@{username:username}/desk/requests", desk.requests, desk.answer),
    *form("/@{username:username}/desk/sign_ups", sign_ups.list_sign_ups, sign_ups.answer),
    *form("/@{username:username}/desk/together", organising.together, organising.change),
    *form("/@{username:username}/desk/invitations", desk.invitations, desk.invite),
    *form("/@{username:username}/desk/members", members.members, members.export),
    *form("/@{username:username}/desk/members/{id:row}", members.member, members.keep),
    *form("/@{username:username}/desk/members/{id:row}/remove", members.remove_form, members.remove),
    *form("/@{username:username}/desk/roles", roles.holders, roles.change),
    *form("/@{username:username}/desk/page", settings.settings, settings.save),
    Route("/@{username:username}/desk/events", events_at_desk.list_events),
    *form_with_files("/@{username:username}/desk/events/new", event_form.announce_form, event_form.announce),
    *form("/@{username:username}/desk/events/series/{id:row}", event_series.show, event_series.change),
    Route("/@{username:username}/desk/events/{id:row}", events_at_desk.one),
    *form_with_files("/@{username:username}/desk/events/{id:row}/edit", event_form.edit_form, event_form.edit),
    *form("/@{username:username}/desk/events/{id:row}/status", events_at_desk.status_form, events_at_desk.set_status),
    *form("/@{username:username}/desk/events/{id:row}/delete", events_at_desk.delete_form, events_at_desk.delete),
    *form_with_files("/@{username:username}/desk/events/{id:row}/report", event_report.report_form, event_report.keep),
    *form("/@{username:username}/desk/events/{id:row}/people", attendance.list_people, attendance.answer),
    *form("/@{username:username}/desk/events/{id:row}/door", attendance.at_door, attendance.check_in),
    Route("/@{username:username}/desk/reports", reports.list_reports),
    *form("/@{username:username}/desk/reports/{id:row}", reports.one, reports.handle),
    Route("/@{username:username}/desk/import", importing.show, methods=["GET"]),
    Route(
        "/@{username:username}/desk/import",
        importing.change,
        methods=["POST"],
        max_body_size=importing.MAX_UPLOAD_BYTES,
    ),
    Route("/@{username:username}/desk/acts", acts.list_acts),
    Route("/@{username:username}/desk/contacts", acts.list_contacts),
    Route("/about", about.about),
    Route("/design", design),
    Route("/about/source.tar.gz", about.source),
    Route("/robots.txt", robots),
    Route("/colours/{pair}.css", colours),
    Route("/static/{path:path}", static),
]
