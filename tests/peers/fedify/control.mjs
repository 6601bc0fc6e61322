// The control API: how a test tells this peer what to do and asks what it saw. JSON both ways; see README.md.

import { getDocumentLoader } from "@fedify/fedify";
import { isActor, traverseCollection } from "@fedify/vocab";
import { typeNameOf, understand } from "./federation.mjs";
import { complaints, errand, knocks } from "./journal.mjs";
import { BadRequest, Outgoing } from "./outgoing.mjs";

const SAYINGS = "follow unfollow answer note like announce undo update delete send question tell vote".split(" ");
const MAX_WAIT_MS = 60_000;

export class Control {
  constructor({ federation, origin, world, arrivals }) {
    this.ctx = federation.createContext(new URL(origin), {});
    this.world = world;
    this.arrivals = arrivals;
    this.outgoing = new Outgoing(federation, origin, world);
  }

  async handle(request) {
    const url = new URL(request.url);
    const what = url.pathname.slice("/control/".length);
    const effects = { log: [], knocks: [] };
    try {
      const result = await errand.run(effects, async () => {
        if (request.method === "POST") return await this.#tell(what, await request.json());
        return await this.#ask(what, url.searchParams);
      });
      return Response.json(result.bare ?? { ...result, ...effects }, { status: result.httpStatus ?? 200 });
    } catch (error) {
      const status = error instanceof BadRequest ? 400 : 502;
      return Response.json({ error: `${error.name}: ${error.message}`, ...effects }, { status });
    }
  }

  async #tell(what, told) {
    if (what === "lookup") return await this.#lookup(told);
    if (what === "collection") return await this.#collection(told);
    if (what === "actor") return await this.#actor(told);
    if (!SAYINGS.includes(what)) throw new BadRequest(`there is no POST /control/${what}`);
    return await this.outgoing[what](told);
  }

  async #ask(what, query) {
    if (what === "log") return { bare: complaints };
    if (what === "knocks") return { bare: knocks };
    if (what === "votes") return { bare: this.outgoing.votes(query.get("object")) };
    if (what === "received") return { bare: this.arrivals.all(filterOf(query)) };
    if (what !== "wait") throw new BadRequest(`there is no GET /control/${what}`);
    const timeoutMs = Math.min(Number(query.get("timeout_ms") ?? 5000), MAX_WAIT_MS);
    const arrival = await this.arrivals.next(filterOf(query), timeoutMs);
    if (arrival != null) return { bare: arrival };
    const seen = this.arrivals.all({}).map(inBrief);
    return { bare: { error: "nothing of the kind came in time", seen, log: complaints }, httpStatus: 408 };
  }

  async #actor({ as: name, accepts_followers, aliases }) {
    const actor = this.world.actor(name);
    if (actor == null) throw new BadRequest(`no actor here can be called ${name}`);
    if (accepts_followers != null) actor.acceptsFollowers = accepts_followers;
    if (aliases != null) actor.aliases = aliases;
    return {
      id: this.ctx.getActorUri(name).href,
      handle: `${name}@${this.ctx.host}`,
      inbox: this.ctx.getInboxUri(name).href,
      shared_inbox: this.ctx.getInboxUri().href,
      followers: [...actor.followers.keys()],
      following: [...actor.following],
    };
  }

  /** Read a document the way any Fedify server would, but uncached, and say all that was understood. */
  async #lookup({ handle, uri, as }) {
    const documents = [];
    const load = await this.#loader(as);
    const documentLoader = async (url, options) => {
      const remote = await load(url, options);
      documents.push(remote.document);
      return remote;
    };
    const found = { found: false, error: null, webfinger: null, document: null, object: null };
    try {
      const resource = handle == null ? null : `acct:${handle.replace(/^@/, "")}`;
      if (resource != null) found.webfinger = await this.ctx.lookupWebFinger(resource);
      const object = await this.ctx.lookupObject(handle ?? uri, { documentLoader });
      found.document = documents[0] ?? null;
      found.found = object != null;
      if (object != null) found.object = await describe(object, this.ctx, documentLoader);
      if (isActor(object)) found.webfinger ??= await this.ctx.lookupWebFinger(object.id);
    } catch (error) {
      found.error = `${error.name}: ${error.message}`;
    }
    const logged = errand.getStore().log.map((entry) => entry.message);
    if (!found.found) found.error ??= logged.join("\n") || "not found";
    return found;
  }

  async #collection({ uri, as, limit = 100 }) {
    const documentLoader = await this.#loader(as);
    const options = { documentLoader, contextLoader: this.ctx.contextLoader };
    const collection = await this.ctx.lookupObject(uri, options);
    if (collection?.getItems == null) throw new BadRequest(`${uri} is not a collection`);
    const items = [];
    for await (const item of traverseCollection(collection, options)) {
      items.push(await understand(item, this.ctx));
      if (items.length >= limit) break;
    }
    return { type: typeNameOf(collection), total_items: collection.totalItems, items };
  }

  /** Fetch as one of our actors, signed, or as nobody. */
  async #loader(as) {
    if (as != null) return await this.ctx.getDocumentLoader({ identifier: as });
    return getDocumentLoader({ allowPrivateAddress: true });
  }
}

function inBrief({ seq, type, id, object_id, verified }) {
  return { seq, type, id, object_id, verified };
}

function filterOf(query) {
  const verified = query.get("verified");
  const after = query.get("after");
  return {
    type: query.get("type"),
    id: query.get("id"),
    actor: query.get("actor"),
    object: query.get("object"),
    objectType: query.get("object_type"),
    verified: verified == null ? null : verified === "true",
    after: after == null ? null : Number(after),
  };
}

/** The parts a test asks about by name, and under `understood` everything Fedify took in. */
async function describe(object, ctx, documentLoader) {
  const options = { documentLoader, contextLoader: ctx.contextLoader };
  const description = {
    type: typeNameOf(object),
    id: object.id?.href ?? null,
    name: object.name?.toString() ?? null,
    content: object.content?.toString() ?? null,
    attributedTo: object.attributionIds.map((id) => id.href),
    to: object.toIds.map((id) => id.href),
    cc: object.ccIds.map((id) => id.href),
    inReplyTo: object.replyTargetId?.href ?? null,
    published: object.published?.toString() ?? null,
    understood: await understand(object, ctx),
  };
  if (!isActor(object)) return description;
  const publicKeys = await Array.fromAsync(object.getPublicKeys(options));
  const multikeys = await Array.fromAsync(object.getAssertionMethods(options));
  return {
    ...description,
    preferredUsername: object.preferredUsername?.toString() ?? null,
    inbox: object.inboxId?.href ?? null,
    outbox: object.outboxId?.href ?? null,
    followers: object.followersId?.href ?? null,
    following: object.followingId?.href ?? null,
    sharedInbox: object.endpoints?.sharedInbox?.href ?? null,
    manuallyApprovesFollowers: object.manuallyApprovesFollowers,
    publicKeys: publicKeys.map((key) => keyOf(key, key.ownerId)),
    assertionMethods: multikeys.map((key) => keyOf(key, key.controllerId)),
  };
}

function keyOf(key, owner) {
  const algorithm = key.publicKey?.algorithm.name ?? null;
  return { id: key.id?.href ?? null, owner: owner?.href ?? null, algorithm };
}
