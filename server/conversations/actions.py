"""Reading a conversation, and putting it away. The posts stay."""

from federation.context import Context
from federation.facts import ConversationRead
from models.actor import Actor
from models.conversation import Conversation


async def mark_read(owner: Actor, id_: int, ctx: Context) -> None:
    """Remember that a member has read a conversation of theirs; their other clients are told."""
    if await Conversation.filter(id=id_, owner_id=owner.id, is_unread=True).update(is_unread=False):
        await ctx.publish((ConversationRead(id_),))


async def put_away(owner: Actor, id_: int) -> bool:
    """Take a conversation out of a member's list until somebody writes in it; whether there was one."""
    return bool(await Conversation.filter(id=id_, owner_id=owner.id).delete())
