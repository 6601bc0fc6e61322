// The server itself, as an application on Fedify writes it: actors, notes, collections, an inbox with a memory.

import {
  createExponentialBackoffPolicy,
  createFederation,
  InProcessMessageQueue,
  MemoryKvStore,
  verifyObject,
  verifyRequestDetailed,
} from "@fedify/fedify";
import {
  Accept,
  Activity,
  Create,
  Delete,
  Endpoints,
  Follow,
  getTypeId,
  Move,
  Note,
  Person,
  Reject,
  Tombstone,
  Undo,
} from "@fedify/vocab";
import { schemeOf, uriOf } from "./journal.mjs";
import { onMove } from "./moves.mjs";
import { onVote, showPolls } from "./polls.mjs";

const RETRIES = { maxAttempts: 5, initialDelay: { milliseconds: 100 } };
const INBOX = /^(?:\/users\/([^/]+))?\/inbox$/;

/**
 * The Federation of one peer.
 *
 * There is no inbox queue on purpose: a 202 then means that the listener has run. What it answers (Accept) goes
 * through an outbox queue, as it would anywhere.
 */
export function buildFederation({ origin, world, firstKnock, authorizedFetch }) {
  const federation = createFederation({
    origin,
    kv: new MemoryKvStore(),
    queue: { outbox: new InProcessMessageQueue() },
    allowPrivateAddress: true,
    circuitBreaker: false,
    firstKnock,
    outboxRetryPolicy: createExponentialBackoffPolicy(RETRIES),
  });
  const mayFetch = async (ctx) => !authorizedFetch || (await ctx.getSignedKey()) != null;

  federation
    .setActorDispatcher("/users/{identifier}", (ctx, name) => personOf(ctx, world, name))
    .setKeyPairsDispatcher((_ctx, name) => world.actor(name)?.keyPairs() ?? [])
    .authorize(mayFetch);
  federation
    .setObjectDispatcher(Note, "/notes/{id}", (_ctx, { id }) => world.notes.get(id)?.note ?? null)
    .authorize(mayFetch);
  federation
    .setObjectDispatcher(Activity, "/activities/{id}", (_ctx, { id }) => world.sent.get(id)?.activity ?? null)
    .authorize(mayFetch);
  showPolls(federation, world, mayFetch);
  layCollections(federation, world);
  const inbox = federation
    .setInboxListeners("/users/{identifier}/inbox", "/inbox")
    .on(Activity, (ctx, activity) => receive(ctx, world, activity))
    .onUnverifiedActivity((ctx, _activity, reason) => {
      ctx.data.refused_because = reason.type;
    });
  // Whoever wants signed fetches from others signs its own, also those of keys for the shared inbox.
  if (authorizedFetch) inbox.setSharedKeyDispatcher(() => ({ identifier: "instance" }));
  federation.setNodeInfoDispatcher("/nodeinfo/2.1", () => ({
    software: { name: "fedify-peer", version: "1.0.0" },
    protocols: ["activitypub"],
    usage: { users: {}, localPosts: world.notes.size, localComments: 0 },
  }));
  return federation;
}

/** The document of an actor, a Tombstone once it is deleted; null for a name that cannot exist. */
export async function personOf(ctx, world, name) {
  const actor = world.actor(name);
  if (actor == null) return null;
  const id = ctx.getActorUri(name);
  if (actor.isDeleted) return new Tombstone({ id });
  const keys = await ctx.getActorKeyPairs(name);
  return new Person({
    id,
    preferredUsername: name,
    name: actor.displayName,
    summary: actor.summary,
    url: id,
    inbox: ctx.getInboxUri(name),
    outbox: ctx.getOutboxUri(name),
    followers: ctx.getFollowersUri(name),
    following: ctx.getFollowingUri(name),
    endpoints: new Endpoints({ sharedInbox: ctx.getInboxUri() }),
    manuallyApprovesFollowers: !actor.acceptsFollowers,
    aliases: actor.aliases.map((uri) => new URL(uri)),
    publicKeys: keys.map((key) => key.cryptographicKey),
    assertionMethods: keys.map((key) => key.multikey),
  });
}

function layCollections(federation, world) {
  federation
    .setFollowersDispatcher("/users/{identifier}/followers", (_ctx, name) => {
      const actor = world.actor(name);
      return actor && { items: [...actor.followers.values()] };
    })
    .setCounter((_ctx, name) => world.actor(name)?.followers.size ?? null);
  federation
    .setFollowingDispatcher("/users/{identifier}/following", (_ctx, name) => {
      const actor = world.actor(name);
      return actor && { items: [...actor.following].map((uri) => new URL(uri)) };
    })
    .setCounter((_ctx, name) => world.actor(name)?.following.size ?? null);
  federation
    .setOutboxDispatcher("/users/{identifier}/outbox", (_ctx, name) => {
      const actor = world.actor(name);
      return actor && { items: [...actor.outbox].reverse() };
    })
    .setCounter((_ctx, name) => world.actor(name)?.outbox.length ?? null);
}

/** Note what Fedify understood of a verified activity, and do what a small server must. */
async function receive(ctx, world, activity) {
  ctx.data.verified = true;
  ctx.data.understood = await understand(activity, ctx);
  if (activity instanceof Follow) await onFollow(ctx, world, activity);
  else if (activity instanceof Accept || activity instanceof Reject) onAnswer(ctx, world, activity);
  else if (activity instanceof Undo) await onUndo(ctx, world, activity);
  else if (activity instanceof Move) await onMove(ctx, world, activity);
  else if (activity instanceof Create) ctx.data.is_vote = await onVote(world, activity, ctx);
  else if (activity instanceof Delete && activity.objectId?.href === activity.actorId.href) {
    for (const ours of world.actors()) ours.followers.delete(activity.actorId.href);
  }
}

async function onFollow(ctx, world, follow) {
  const asked = ctx.parseUri(follow.objectId);
  const followed = asked?.type === "actor" ? world.actor(asked.identifier) : null;
  if (followed == null || !followed.acceptsFollowers) return;
  const follower = await follow.getActor(ctx);
  followed.followers.set(follower.id.href, follower);
  const uuid = crypto.randomUUID();
  const accept = new Accept({
    id: ctx.getObjectUri(Activity, { id: uuid }),
    actor: follow.objectId,
    object: follow,
    to: follower.id,
  });
  world.sent.set(uuid, { as: followed.name, activity: accept, recipients: [follower] });
  await ctx.sendActivity({ identifier: followed.name }, follower, accept);
}

function onAnswer(ctx, world, answer) {
  const uri = uriOf(ctx.data.activity.object);
  const ours = uri == null ? null : world.sent.get(uri.split("/").at(-1));
  if (!(ours?.activity instanceof Follow) || ours.activity.objectId.href !== answer.actorId.href) return;
  const { following } = world.actor(ours.as);
  if (answer instanceof Accept) following.add(answer.actorId.href);
  else following.delete(answer.actorId.href);
}

/** The undone Follow may be embedded, or named by its uri alone and then read from its home. */
async function onUndo(ctx, world, undo) {
  const follow = await undo.getObject({ ...ctx, suppressError: true });
  if (!(follow instanceof Follow) || follow.actorId?.href !== undo.actorId.href) return;
  const left = ctx.parseUri(follow.objectId);
  if (left?.type === "actor") world.actor(left.identifier)?.followers.delete(undo.actorId.href);
}

/** Fedify's own reading of a document: what it did not understand is missing here. */
export async function understand(object, ctx) {
  return await object.toJsonLd({ format: "compact", contextLoader: ctx.contextLoader });
}

export function typeNameOf(object) {
  return getTypeId(object).href.split("#").at(-1);
}

/** What Fedify says of an integrity proof; what it cannot even read is not proven. */
async function isProven(activity, ctx) {
  try {
    return (await verifyObject(Activity, activity, ctx)) != null;
  } catch {
    return false;
  }
}

/** Answer one request through Fedify; a POST to an inbox becomes an arrival, whatever becomes of it. */
export async function answer(federation, request, { world, arrivals }) {
  const path = new URL(request.url).pathname;
  const note = path.match(/^\/notes\/([^/]+)$/);
  if (note != null && world.notes.get(note[1])?.note === null) return new Response("Gone.", { status: 410 });
  const inbox = path.match(INBOX);
  if (request.method !== "POST" || inbox == null) return await federation.fetch(request, { contextData: {} });
  const arrival = await newArrival(federation, request, inbox[1] ?? null);
  const response = await federation.fetch(request, { contextData: arrival });
  arrival.status = response.status;
  arrival.answer = await response.clone().text();
  arrival.verified ||= response.status === 202; // a duplicate never reaches the listener
  arrivals.add(arrival);
  return response;
}

/**
 * What can be said of a POST before Fedify handles it.
 *
 * Fedify is content with a Linked Data signature or an integrity proof and then leaves the HTTP signature unread,
 * so that one is verified here on its own; and so is the proof.
 */
async function newArrival(federation, request, recipient) {
  const text = await request.clone().text();
  let activity = null;
  try {
    activity = JSON.parse(text);
  } catch {
    // `body` shows what came instead
  }
  const ctx = federation.createContext(new URL(new URL(request.url).origin), {});
  const http = await verifyRequestDetailed(request.clone(), ctx);
  const proven = activity?.proof == null ? null : await isProven(activity, ctx);
  return {
    type: activity?.type ?? null,
    id: uriOf(activity),
    actor: uriOf(activity?.actor),
    object_id: uriOf(activity?.object),
    object_type: activity?.object?.type ?? null,
    recipient,
    activity,
    body: activity == null ? text : null,
    verified: false,
    refused_because: null,
    http_signature: {
      scheme: schemeOf(request.headers),
      verified: http.verified,
      key_id: (http.verified ? http.key.id : http.reason.keyId)?.href ?? null,
      reason: http.verified ? null : http.reason.type,
    },
    integrity_proof: proven,
    understood: null,
    status: null,
    answer: null,
  };
}
