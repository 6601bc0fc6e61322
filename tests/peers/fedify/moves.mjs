// Moving house: an actor we follow says where it lives now; we follow it there once the new home confirms it.

import { Activity, Follow, isActor } from "@fedify/vocab";

/**
 * Follow the mover to its target, as each of our actors that follows it.
 *
 * Only who moves may say so, and only to an actor that names it among its aliases (alsoKnownAs), read from its home.
 */
export async function onMove(ctx, world, move) {
  const [from, to] = [move.actorId?.href, move.targetId?.href];
  if (to == null || move.objectId?.href !== from) return;
  const target = await ctx.lookupObject(to);
  if (!isActor(target) || target.id?.href !== to) return;
  if (!target.aliasIds.some((alias) => alias.href === from)) return;
  for (const ours of world.actors()) {
    if (!ours.following.delete(from)) continue;
    const uuid = crypto.randomUUID();
    const actor = ctx.getActorUri(ours.name);
    const id = ctx.getObjectUri(Activity, { id: uuid });
    const follow = new Follow({ id, actor, object: target.id, to: target.id });
    world.sent.set(uuid, { as: ours.name, activity: follow, recipients: [target] });
    await ctx.sendActivity({ identifier: ours.name }, target, follow);
  }
}
