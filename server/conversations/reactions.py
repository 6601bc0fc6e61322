"""What facts do to conversations."""

from collections.abc import Sequence

from federation.facts import Posted
from models.actor import Actor
from models.conversation import Conversation, key_of
from models.moderation import Block
from models.post import Visibility


async def on_posted(facts: Sequence[Posted]) -> None:
    """Bring what is for a few alone into the conversations of those of them who are here, unread but to its author."""
    for fact in facts:
        if fact.post.visibility is not Visibility.DIRECT:
            continue
        participants = {fact.author.id, *fact.mentioned}
        key = await key_of(fact.post, participants)
        for id_ in await Actor.filter(id__in=list(participants), is_local=True).values_list("id", flat=True):
            owner_id = int(str(id_))
            if owner_id == fact.author.id or not await Block.is_between(owner_id, fact.author.id):
                await Conversation.add(owner_id, key, fact.post.id, is_unread=owner_id != fact.author.id)
