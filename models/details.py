"""What a member shows to the managers of a section on another server: where it is read, and how long a copy may stand."""

from tortoise import fields, timezone
from tortoise.models import Model

from models.actor import MAX_URI
from models.ids import IdField
from models.membership import Membership


class SharedDetails(Model):
    """The document by which details of a membership go from the member's server to the section's, as long as that stands.

    On the member's server `uri` names what is served, and `signed_at` is when the last request that was answered was
    signed: none is answered twice. On the section's server it names what is read: `notices` counts how often their
    server said that it has changed, at `renew_at` it is read again, at `keep_until` the copy in the membership goes.
    """

    id = IdField()
    membership: fields.OneToOneRelation[Membership] = fields.OneToOneField("models.Membership", related_name="details")
    uri = fields.CharField(max_length=MAX_URI, unique=True)
    signed_at = fields.DatetimeField(null=True)
    notices = fields.IntField(default=0)
    renew_at = fields.DatetimeField(null=True, db_index=True)
    keep_until = fields.DatetimeField(null=True, db_index=True)
    created_at = fields.DatetimeField(default=timezone.now)

    membership_id: int

    class Meta:
        table = "shared_details"
