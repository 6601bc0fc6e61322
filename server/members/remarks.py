"""What a member notes about somebody, for themselves alone."""

from models.actor import Actor
from models.remark import Remark
from server.errors import Invalid

MAX_CHARACTERS = 2000


async def note(writer: Actor, about: Actor, text: str) -> None:
    """Write a remark in place of the last one; an empty one deletes it.

    Raises:
        Invalid: it is too long.
    """
    text = text.strip()
    if len(text) > MAX_CHARACTERS:
        raise Invalid("A note may have 2000 characters.")
    if not text:
        await Remark.filter(writer_id=writer.id, about_id=about.id).delete()
        return
    await Remark.update_or_create({"text": text}, writer_id=writer.id, about_id=about.id)
