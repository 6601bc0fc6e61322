"""A post quotes another one: what it quotes, and whether the quoted author agreed."""

from collections.abc import Sequence
from enum import StrEnum

from tortoise import fields, timezone
from tortoise.models import Model

from models import database
from models.actor import MAX_URI
from models.ids import IdField
from models.post import Post


class QuoteState(StrEnum):
    """How far the quoted author's consent has come. Source: FEP-044f; Mastodon's Quote entity.

    UNASKED is a quote in an older spelling (`quoteUrl`, `_misskey_quote`, FEP-e232), which knows no consent.
    """

    UNASKED = "unasked"
    REQUESTED = "requested"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REVOKED = "revoked"


class Quote(Model):
    """`post` quotes `quoted`, or what `quoted_uri` names where that is not here (any more).

    `request_uri` is the id of the QuoteRequest; `authorization_uri` names the stamp by which the quoted author agreed.
    """

    id = IdField()
    post: fields.OneToOneRelation[Post] = fields.OneToOneField("models.Post", related_name="quote")
    quoted: fields.ForeignKeyNullableRelation[Post] = fields.ForeignKeyField(
        "models.Post", related_name="quotes_of", null=True, on_delete=fields.SET_NULL
    )
    quoted_uri = fields.CharField(max_length=MAX_URI, db_index=True)
    state = fields.CharEnumField(QuoteState, max_length=16, default=QuoteState.UNASKED)
    request_uri = fields.CharField(max_length=MAX_URI, null=True, unique=True)
    authorization_uri = fields.CharField(max_length=MAX_URI, null=True, db_index=True)
    created_at = fields.DatetimeField(default=timezone.now)

    post_id: int
    quoted_id: int | None

    class Meta:
        table = "quote"
        indexes = [("quoted_id",)]

    @classmethod
    async def around(cls, post_ids: Sequence[int]) -> "tuple[list[int], dict[int, int]]":
        """Find, in one statement, which quotes these posts hold, and how often they are quoted: (ids, totals)."""
        if not post_ids:
            return [], {}
        count = len(post_ids)
        sql = _AROUND.format(holding=database.placeholders(count), quoted=database.placeholders(count, count + 1))
        rows = await database.select(sql, *post_ids, *post_ids)
        held = [int(row["id"]) for row in rows if row["id"]]
        return held, {int(row["quoted_id"]): int(row["times"]) for row in rows if not row["id"]}


_AROUND = """SELECT id, quoted_id, 0 AS times FROM quote WHERE post_id IN ({holding})
UNION ALL
SELECT 0, quoted_id, COUNT(*) FROM quote WHERE quoted_id IN ({quoted}) AND state IN ('accepted', 'unasked')
GROUP BY quoted_id
"""
