"""New keys for an actor of ours, as when the old ones may have been stolen.

A key never takes the name of another: others remember keys by name, and would go on believing the old one.
"""

import asyncio

from tortoise.transactions import in_transaction

from federation.actors import KEY_LIFETIME, forget_signers
from federation.context import Context
from federation.keys import generate_ed25519_key, generate_rsa_key
from models.activity import ActivityRecord
from models.actor import Actor, ActorKey, KeyType
from models.delivery import Delivery
from models.ids import new_id
from server.members.profiles import check_ordinary, send_update

UPDATE_PAUSE = 2 * KEY_LIFETIME


async def rotate(actor: Actor, ctx: Context) -> None:
    """Give an actor of ours new keys under new names, and tell its followers; the old ones are destroyed.

    The Update waits until every process signs with the new key.

    Raises:
        Forbidden: it is the actor of the server itself, whose key every process holds.
    """
    check_ordinary(actor)
    made = {
        KeyType.RSA: await asyncio.to_thread(generate_rsa_key),
        KeyType.ED25519: await asyncio.to_thread(generate_ed25519_key),
    }
    async with in_transaction():
        for type_, (private_pem, public) in made.items():
            row = await ActorKey.get(actor_id=actor.id, type=type_)
            row.uri = f"{actor.uri}#{type_.value}-{new_id()}"
            row.public, row.private_pem, row.created_at = public, private_pem, ctx.now()
            await row.save()
            if type_ is KeyType.RSA:
                actor.key_uri, actor.public_key_pem = row.uri, public
        await actor.save(update_fields=["key_uri", "public_key_pem"])
        forget_signers()
        record = await ActivityRecord.get(uri=await send_update(actor, ctx))
        await Delivery.filter(activity_id=record.id).update(due_at=ctx.now() + UPDATE_PAUSE)
