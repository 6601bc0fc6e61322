"""The pages for people: one line a room. Feeds stand before profiles, whose path would take them in."""

from starlette.routing import BaseRoute, Route

import server.paths  # noqa: F401 - its convertors are used below
from web.about import pages as about
from web.cards import pages as cards
from web.contacts import pages as contacts
from web.crawlers import robots, sitemap
from web.design.pages import design
from web.directory import pages as directory
from web.embed import pages as embed
from web.events import agenda, answering, coming, private
from web.feeds import calendars
from web.feeds import pages as feeds
from web.follow import pages as follow
from web.home import live
from web.home import pages as home
from web.login import forgotten, second_step
from web.login import pages as login
from web.me import (
    calendar,
    consents,
    data,
    events,
    export,
    filters,
    follows,
    joining,
    language,
    lists,
    moving,
    passkeys,
    password,
    privacy,
    profile,
    sessions,
)
from web.me import pages as me
from web.me import second_step as own_second_step
from web.notifications import pages as notifications
from web.oauth import pages as oauth
from web.organising import form as event_form
from web.organising import pages as events_at_desk
from web.organising import people as attendance
from web.organising import report as event_report
from web.organising import series as event_series
from web.people import acts as people_acts
from web.people import pages as people
from web.people import report as people_report
from web.posts import pages as posts
from web.profiles import pages as profiles
from web.search import pages as search
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
from web.shared.static import static
from web.sign_up import pages as sign_up
from web.tags import pages as tags
from web.threads import deeds, report
from web.threads import pages as threads
from web.writing import changing, deleting, suggesting, waiting
from web.writing import pages as composer

__all__ = ["ROUTES", "error_page"]


def form(path: str, show: Endpoint, take: Endpoint, most_bytes: int = MAX_FORM_BYTES) -> tuple[Route, Route]:
    """Give the two routes of a page with a form, which is sent to its own address."""
    return Route(path, show, methods=["GET"]), Route(path, take, methods=["POST"], max_body_size=most_bytes)


def form_with_files(path: str, show: Endpoint, take: Endpoint) -> tuple[Route, Route]:
    """Give the two routes of a page with a form that brings files, which `own_upload` bounds."""
    return Route(path, show, methods=["GET"]), Route(path, take, methods=["POST"])


ROUTES: list[BaseRoute] = [
    Route("/", profiles.front),
    *(Route(f"/feed.{form}", feeds.main_posts(form)) for form in ("atom", "rss", "json")),
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
    *form_with_files("/posts/{id:row}/edit", changing.edit_form, changing.edit),
    *form("/posts/{id:row}/delete", deleting.delete_form, deleting.delete),
    *form_with_files("/write", composer.write_form, composer.write),
    Route("/write/suggest", suggesting.suggest),
    *form("/me/drafts", waiting.drafts, waiting.change_drafts),
    *form("/me/scheduled", waiting.scheduled_posts, waiting.change_scheduled),
    *(Route(f"/tags/{{name}}.{form}", feeds.tag(form)) for form in ("atom", "rss", "json")),
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
    Route("/home", home.home),
    Route("/home/network", home.network),
    Route("/home/local", home.local),
    Route("/home/lists/{id:row}", home.of_list),
    Route("/home/tags/{name}", home.of_tag),
    Route("/home/bookmarks", home.kept),
    Route("/home/favourites", home.liked),
    Route("/home/live", live.live),
    *form("/threads/{id:row}", threads.thread, deeds.act),
    *form("/threads/{id:row}/report", report.report_form, report.report),
    *form("/notifications", notifications.told, notifications.change),
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
    *form_with_files("/me/profile", profile.profile, profile.save),
    *form("/me/language", language.language, language.choose),
    *form("/me/follows", follows.follows_page, follows.change),
    *form("/me/follows/{part}", follows.follows_page, follows.change),
    *form("/me/lists", lists.lists, lists.make),
    *form("/me/lists/{id:row}", lists.one, lists.change),
    Route("/me/lists/{id:row}/delete", lists.delete_form),
    Route("/me/filters", filters.filters),
    *form("/me/filters/new", filters.new_form, filters.make),
    *form("/me/filters/{id:row}", filters.one, filters.change),
    Route("/me/filters/{id:row}/delete", filters.delete_form),
    Route("/me/events", events.events),
    Route("/me/privacy", privacy.privacy),
    *form("/me/moving", moving.moving_page, moving.change),
    Route("/me/export", export.export),
    Route("/me/export/archive.zip", export.as_archive),
    Route("/me/export/{table}.csv", export.as_table),
    *form("/people/{id:row}", people.person, people_acts.act),
    Route("/people/{id:row}/block", people_acts.block_form),
    Route("/people/{id:row}/server", people_acts.server_form),
    *form("/people/{id:row}/report", people_report.report_form, people_report.send),
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
    Route("/cards/posts/{id:row}/{mark}.png", cards.of_post),
    Route("/cards/actors/{id:row}/{mark}.png", cards.of_actor),
    Route("/about", about.about),
    Route("/design", design),
    Route("/about/source.tar.gz", about.source),
    *form("/search", search.search, search.search_elsewhere),
    Route("/directory", directory.sections),
    Route("/robots.txt", robots.robots),
    Route("/sitemap.xml", sitemap.index),
    Route("/sitemap/pages.xml", sitemap.pages),
    Route("/sitemap/posts/{behind:int}.xml", sitemap.posts),
    Route("/colours/{pair}.css", colours),
    Route("/static/{path:path}", static),
]
