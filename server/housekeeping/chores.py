"""What is deleted, and when: one row for each chore.

A chore works in slices: each looks at so many rows at most, in one short transaction, and says how far it came.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from federation.taking_over import GOES_ON_FOR
from models import leftovers
from models.delivery import DELIVER_FOR, KEEP_FOR
from models.ids import id_at
from models.media import Media
from models.media_copy import MediaCopy
from models.setting import Setting
from server.media.clearing import clear, clear_copies, clear_orphans
from server.media.names import SHELVES
from server.media.store import MediaStore

DELETES_KEPT_FOR = timedelta(days=365)
ACTIVITIES_KEPT_FOR = timedelta(days=30)
NOTIFICATIONS_KEPT_FOR = timedelta(days=180)
ACTORS_KEPT_FOR = timedelta(days=30)
HOSTS_KEPT_FOR = timedelta(days=30)
TOKENS_KEPT_FOR = timedelta(days=30)
KEYS_KEPT_FOR = timedelta(days=1)
UNCONFIRMED_KEPT_FOR = timedelta(days=7)
CONTACTS_KEPT_FOR = timedelta(days=30)
CONSENTS_KEPT_FOR = timedelta(days=5 * 365)  # for as long as somebody may say they never agreed: Code civil, art. 2224
LOOKS_KEPT_FOR = timedelta(days=365)
REPORTS_KEPT_FOR = timedelta(days=365)
WORDS_KEPT_FOR = timedelta(days=1)
LINKS_KEPT_FOR = timedelta(days=30)
ANSWERS_UNCONFIRMED_KEPT_FOR = timedelta(hours=48)
ANSWERS_KEPT_FOR = timedelta(days=30)
CALENDARS_KEPT_FOR = timedelta(days=1)
SIGN_UPS_UNANSWERED_KEPT_FOR = timedelta(days=60)
ORPHANS_EVERY = timedelta(days=1)
LOOKED_AT = "files_looked_at"
LONG_AGO = "2000-01-01T00:00:00+00:00"
MAX_COUNTED = 100_000
MAX_ID = 2**63 - 1

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Slice:
    """What one slice did: rows looked at, those of them deleted (or to be deleted), and where the next one begins.

    `next_id` is None where the chore is through.
    """

    looked_at: int
    deleted: int
    next_id: int | None


@dataclass(frozen=True, slots=True)
class Terms:
    """When, how much at once, and whether really; `post_days` is how long posts are kept, 0 for ever.

    `media` has the files of pictures. Copies of those of others are kept for `copy_days`, and take `copy_bytes` at most.
    """

    now: datetime
    post_days: int
    limit: int = 100
    is_real: bool = True
    media: MediaStore | None = None
    copy_days: int = 30
    copy_bytes: int = 2**31


def id_before(moment: datetime) -> int:
    """Give an id above which rows begin later than `moment`."""
    return id_at(int(moment.timestamp() * 1000) + 1)


Chore = Callable[[int, Terms], Awaitable[Slice]]


async def old_posts(after_id: int, terms: Terms) -> Slice:
    """Posts of other servers that nobody here has to do with, nor with anything above or below them."""
    if not terms.post_days:
        return Slice(0, 0, None)
    before = terms.now - timedelta(days=terms.post_days)
    ids = await leftovers.old_posts(after_id, id_before(before), before, terms.limit)
    kept = await leftovers.kept_posts(ids)
    gone = [id_ for id_ in ids if id_ not in kept]
    if terms.is_real:
        await leftovers.delete_posts(gone)
    return Slice(len(ids), len(gone), ids[-1] if len(ids) == terms.limit else None)


async def old_actors(after_id: int, terms: Terms) -> Slice:
    """Actors of other servers whom nothing here refers to."""
    ids = await leftovers.old_actors(after_id, terms.now - ACTORS_KEPT_FOR, terms.limit)
    needed = await leftovers.needed_actors(ids)
    gone = [id_ for id_ in ids if id_ not in needed]
    if terms.is_real:
        await leftovers.delete_actors(gone)
    return Slice(len(ids), len(gone), ids[-1] if len(ids) == terms.limit else None)


async def quiet_hosts(after_id: int, terms: Terms) -> Slice:
    """What was remembered of servers of which nobody is known here."""
    limit = terms.limit if terms.is_real else MAX_COUNTED
    names = await leftovers.quiet_hosts(terms.now - HOSTS_KEPT_FOR, limit)
    if terms.is_real:
        await leftovers.delete_hosts(names)
    return Slice(len(names), len(names), 0 if terms.is_real and len(names) == limit else None)


async def unseen_pictures(after_id: int, terms: Terms) -> Slice:
    """Pictures that no post shows, with their files."""
    if not terms.is_real:
        total = await Media.filter(post_id=None, series_id=None, expires_at__lte=terms.now).count()
        return Slice(total, total, None)
    if terms.media is None:
        return Slice(0, 0, None)
    try:
        await terms.media.tidy()
        gone = await clear(terms.media, terms.now, terms.limit)
    except OSError as error:
        return _out_of_reach(error)
    return Slice(gone, gone, 0 if gone == terms.limit else None)


def _out_of_reach(error: OSError) -> Slice:
    """Leave files that cannot be reached now to the next time, so that the other chores are done."""
    log.warning("files cannot be reached", error=str(error))
    return Slice(0, 0, None)


async def old_copies(after_id: int, terms: Terms) -> Slice:
    """Copies of pictures of other servers that are old, or more than there is room for."""
    before = terms.now - timedelta(days=terms.copy_days)
    if not terms.is_real:
        total = await MediaCopy.filter(fetched_at__lt=before).count()
        return Slice(total, total, None)
    if terms.media is None:
        return Slice(0, 0, None)
    try:
        gone = await clear_copies(terms.media, before, terms.copy_bytes, terms.limit)
    except OSError as error:
        return _out_of_reach(error)
    return Slice(gone, gone, 0 if gone == terms.limit else None)


async def orphans(shelf: int, terms: Terms) -> Slice:
    """Files that no row knows of, and copies whose file was lost; a shelf of the storage at a time, once a day."""
    if terms.media is None or not terms.is_real:
        return Slice(0, 0, None)
    if not shelf and datetime.fromisoformat(await Setting.read(LOOKED_AT, LONG_AGO)) > terms.now - ORPHANS_EVERY:
        return Slice(0, 0, None)
    try:
        looked_at, gone = await clear_orphans(terms.media, SHELVES[shelf], terms.now)
    except OSError as error:
        return _out_of_reach(error)
    if shelf + 1 < len(SHELVES):
        return Slice(looked_at, gone, shelf + 1)
    await Setting.write(LOOKED_AT, terms.now.isoformat())
    return Slice(looked_at, gone, None)


@dataclass(frozen=True, slots=True)
class Expiry:
    """Rows of one table that go when they are old enough; `where` names that moment $1.

    `has_moments` says that the ids of the table are moments (models/ids.py), so that new rows need not be looked at.
    """

    table: str
    where: str
    kept_for: timedelta
    has_moments: bool = True

    async def __call__(self, after_id: int, terms: Terms) -> Slice:
        """Delete some."""
        before = terms.now - self.kept_for
        before_id = id_before(before) if self.has_moments else MAX_ID
        ids = await leftovers.expired(self.table, self.where, [before], after_id, before_id, terms.limit)
        if terms.is_real:
            await leftovers.delete(self.table, ids)
        return Slice(len(ids), len(ids), ids[-1] if len(ids) == terms.limit else None)


CHORES: Mapping[str, Chore] = {
    "posts": old_posts,
    "activities": Expiry(
        "activity",
        # A Delete keeps what was deleted from coming back; what an event's Join or Invite was about is asked later. Two
        # sections may take long to agree that somebody moves: until then the Move and what was said to it stay.
        "created_at < $1 AND NOT is_local AND type NOT IN ('Delete', 'Join', 'Invite', 'Follow') "
        "AND NOT EXISTS (SELECT 1 FROM transfer t WHERE t.uri = activity.uri OR t.uri = activity.object_uri)",
        ACTIVITIES_KEPT_FOR,
    ),
    "activities about belonging": Expiry(
        "activity",
        # Others repeat what they send for as long as we do. A Join stays as long as the membership that names it, since a
        # later activity may name no more than it.
        "created_at < $1 AND concerns_uri IS NOT NULL "
        "AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.activity_id = activity.id AND d.due_at IS NOT NULL) "
        "AND NOT EXISTS (SELECT 1 FROM membership m WHERE m.uri = activity.uri) "
        "AND NOT EXISTS (SELECT 1 FROM transfer t WHERE t.uri = activity.uri OR t.uri = activity.object_uri)",
        DELIVER_FOR,
    ),
    "deletions": Expiry("activity", "created_at < $1 AND NOT is_local", DELETES_KEPT_FOR),
    "notifications": Expiry("notification", "created_at < $1", NOTIFICATIONS_KEPT_FOR),
    "deliveries given up": Expiry("delivery", "created_at < $1 AND due_at IS NULL", KEEP_FOR, False),
    "revoked tokens": Expiry("oauth_token", "revoked_at < $1", TOKENS_KEPT_FOR),
    "sessions": Expiry("session", "expires_at < $1", timedelta()),
    "codes for applications": Expiry("oauth_code", "expires_at < $1", timedelta()),
    "challenges to passkeys": Expiry("spent_challenge", "expires_at < $1", timedelta()),
    "accounts never confirmed": Expiry("sign_up", "created_at < $1 AND confirmed_at IS NULL", UNCONFIRMED_KEPT_FOR),
    "accounts nobody answered for": Expiry("sign_up", "confirmed_at < $1", SIGN_UPS_UNANSWERED_KEPT_FOR),
    "role offers": Expiry("role_offer", "expires_at < $1", timedelta()),
    "idempotency keys": Expiry("idempotency_key", "created_at < $1", KEYS_KEPT_FOR),
    "addresses never confirmed": Expiry("contact", "created_at < $1 AND confirmed_at IS NULL", UNCONFIRMED_KEPT_FOR),
    "addresses that receive nothing": Expiry(
        "contact",
        "confirmed_at < $1 AND NOT EXISTS (SELECT 1 FROM consent c WHERE c.contact_id = contact.id"
        " AND (c.withdrawn_at IS NULL OR c.withdrawn_at >= $1))",
        CONTACTS_KEPT_FOR,
    ),
    "withdrawn consents": Expiry("consent", "withdrawn_at < $1", CONSENTS_KEPT_FOR),
    "words nobody agrees to": Expiry(
        "consent_text",
        "created_at < $1 AND NOT EXISTS (SELECT 1 FROM consent c WHERE c.text_id = consent_text.id)",
        WORDS_KEPT_FOR,
    ),
    "looks at members": Expiry("look", "at < $1", LOOKS_KEPT_FOR),
    "reports that sections closed": Expiry("section_report", "closed_at < $1", REPORTS_KEPT_FOR),
    "invitation links": Expiry("join_link", "expires_at < $1", LINKS_KEPT_FOR),
    "invitations to go on": Expiry(
        "membership", "created_at < $1 AND state = 'invited' AND former_id IS NOT NULL", GOES_ON_FOR
    ),
    "pictures that no post shows": unseen_pictures,
    "copies of pictures": old_copies,
    "files that nothing knows of": orphans,
    "answers never confirmed": Expiry(
        "participation", "said_at < $1 AND state = 'unconfirmed'", ANSWERS_UNCONFIRMED_KEPT_FOR
    ),
    # Of those who came without an account their event keeps how many they were (`came_count`).
    "answers without an account": Expiry(
        "participation",
        "(email_fingerprint IS NOT NULL OR actor_id IS NULL)"
        " AND EXISTS (SELECT 1 FROM event e WHERE e.post_id = participation.event_id AND e.ends_at < $1)",
        ANSWERS_KEPT_FOR,
    ),
    "calendars brought": Expiry("calendar_import", "created_at < $1", CALENDARS_KEPT_FOR),
    "hosts": quiet_hosts,
    "actors": old_actors,
}
"""What is done, in this order: actors come last, since what referred to them is gone by then."""
