// Moving house: an actor we follow says where it lives now; we follow it there once the new home confirms it.

import { Activity, Follow, isActor, Undo } from "@fedify/vocab";

/**
 * Follow the mover to its target and no longer where it was, as each of our actors that follows it.
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
    await say(ctx, world, ours, Follow, { object: target.id, to: target.id }, [target]);
    const past = [...world.sent.values()].findLast((sent) => isFollow(sent, ours, from));
    await say(ctx, world, ours, Undo, { object: past.activity, to: move.actorId }, past.recipients);
  }
}

function isFollow({ as, activity }, ours, uri) {
  return as === ours.name && activity instanceof Follow && activity.objectId.href === uri;
}

async function say(ctx, world, ours, Type, properties, recipients) {
  const uuid = crypto.randomUUID();
  const id = ctx.getObjectUri(Activity, { id: uuid });
  const activity = new Type({ id, actor: ctx.getActorUri(ours.name), ...properties });
  world.sent.set(uuid, { as: ours.name, activity, recipients });
  await ctx.sendActivity({ identifier: ours.name }, recipients, activity);
}
