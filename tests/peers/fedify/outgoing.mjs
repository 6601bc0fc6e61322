// What this peer says: each method builds one activity and delivers it before it returns; no test need wait.

import {
  Accept,
  Activity,
  Announce,
  Create,
  Delete,
  Follow,
  isActor,
  Like,
  Mention,
  Note,
  PUBLIC_COLLECTION,
  Question,
  Reject,
  Tombstone,
  Undo,
  Update,
} from "@fedify/vocab";
import { Temporal } from "@js-temporal/polyfill";
import { personOf } from "./federation.mjs";
import { Polls } from "./polls.mjs";
import { idOf } from "./world.mjs";

/** A request of the control API that makes no sense; becomes a 400. */
export class BadRequest extends Error {}

export class Outgoing {
  constructor(federation, origin, world) {
    this.ctx = federation.createContext(new URL(origin), {});
    this.world = world;
    this.polls = new Polls(this.ctx, world, (...told) => this.#send(...told));
  }

  async follow({ as, actor_uri }) {
    const followed = await this.#remoteActor(actor_uri, as);
    return await this.#send(Follow, as, [followed], { object: followed.id, to: followed.id });
  }

  async unfollow({ as, actor_uri }) {
    const isTheFollow = (done) => done instanceof Follow && done.objectId.href === actor_uri;
    const follow = this.#mustExist(as).outbox.findLast(isTheFollow);
    if (follow == null) throw new BadRequest(`${as} never followed ${actor_uri}`);
    this.#mustExist(as).following.delete(actor_uri);
    return await this.undo({ as, activity_uri: follow.id.href });
  }

  async answer({ as, activity_uri, accept }) {
    const follow = await this.#dereference(activity_uri, as);
    if (!(follow instanceof Follow)) throw new BadRequest(`${activity_uri} is not a Follow`);
    const follower = await this.#remoteActor(follow.actorId.href, as);
    const { followers } = this.#mustExist(as);
    if (accept) followers.set(follower.id.href, follower);
    else followers.delete(follower.id.href);
    return await this.#send(accept ? Accept : Reject, as, [follower], { object: follow, to: follower.id });
  }

  async note({ as, content, to = ["public"], cc = ["followers"], mention = [], inReplyTo, ...others }) {
    const mentioned = await Promise.all(mention.map((uri) => this.#remoteActor(uri, as)));
    const audience = await this.#audience(as, to, [...cc, ...mention.filter((uri) => !to.includes(uri))]);
    const uuid = crypto.randomUUID();
    const note = new Note({
      id: this.ctx.getObjectUri(Note, { id: uuid }),
      attribution: this.ctx.getActorUri(as),
      content,
      summary: others.summary,
      sensitive: others.sensitive,
      replyTarget: inReplyTo == null ? null : new URL(inReplyTo),
      published: Temporal.Now.instant(),
      tos: audience.tos,
      ccs: audience.ccs,
      tags: mentioned.map(mentionOf),
    });
    this.world.notes.set(uuid, { as, note, recipients: audience.recipients });
    const sent = await this.#send(Create, as, audience.recipients, { object: note, ...addressing(audience) });
    return { ...sent, object_id: note.id.href };
  }

  async update({ as, object_uri, content, display_name, summary, deliver_to = [] }) {
    if (object_uri == null) return await this.#updateProfile({ as, display_name, summary, deliver_to });
    const kept = this.#ownNote(as, object_uri);
    const updated = Temporal.Now.instant();
    kept.note = kept.note.clone({ content, updated, ...(summary == null ? {} : { summary }) });
    const { toIds: tos, ccIds: ccs } = kept.note;
    return await this.#send(Update, as, kept.recipients, { object: kept.note, tos, ccs });
  }

  async #updateProfile({ as, display_name, summary, deliver_to }) {
    const actor = this.#mustExist(as);
    actor.displayName = display_name ?? actor.displayName;
    actor.summary = summary ?? actor.summary;
    const audience = await this.#audience(as, ["public"], ["followers"], deliver_to);
    const object = await personOf(this.ctx, this.world, as);
    return await this.#send(Update, as, audience.recipients, { object, ...addressing(audience) });
  }

  async delete({ as, object_uri, deliver_to = [] }) {
    if (object_uri != null) {
      const kept = this.#ownNote(as, object_uri);
      kept.note = null;
      const object = new Tombstone({ id: new URL(object_uri) });
      return await this.#send(Delete, as, kept.recipients, { object, to: PUBLIC_COLLECTION });
    }
    const audience = await this.#audience(as, ["public"], [], deliver_to);
    const recipients = [...audience.recipients, ...this.#mustExist(as).followers.values()];
    const object = this.ctx.getActorUri(as);
    const sent = await this.#send(Delete, as, recipients, { object, to: PUBLIC_COLLECTION });
    this.#mustExist(as).isDeleted = true;
    return sent;
  }

  async like({ as, object_uri }) {
    const author = await this.#authorOf(object_uri, as);
    return await this.#send(Like, as, [author], { object: new URL(object_uri), to: author.id });
  }

  async announce({ as, object_uri, to = ["public"], cc = ["followers"] }) {
    const author = await this.#authorOf(object_uri, as);
    const audience = await this.#audience(as, to, [...cc, author.id.href]);
    const published = Temporal.Now.instant();
    return await this.#send(Announce, as, audience.recipients, {
      object: new URL(object_uri),
      published,
      ...addressing(audience),
    });
  }

  async question({ as, content, options, multiple }) {
    this.#mustExist(as);
    return await this.polls.ask({ as, content, options, multiple });
  }

  /** Tell how a poll stands, to the followers and to whoever voted. */
  async tell({ as, object_uri, close = false }) {
    const poll = this.#poll(object_uri);
    const voters = [...new Set(poll.votes.map((vote) => vote.actor))];
    const actors = await Promise.all(voters.map((uri) => this.#remoteActor(uri, as)));
    return await this.polls.tell(poll, actors, close);
  }

  async vote({ as, object_uri, choices }) {
    const question = await this.#dereference(object_uri, as);
    if (!(question instanceof Question)) throw new BadRequest(`${object_uri} asks nothing`);
    const author = await this.#remoteActor(question.attributionId.href, as);
    return await this.polls.vote(as, question, author, choices);
  }

  /** The votes in a poll of ours, as they came. */
  votes(uri) {
    return this.#poll(uri).votes;
  }

  #poll(uri) {
    const poll = this.world.polls.get(idOf(uri));
    if (poll == null) throw new BadRequest(`there is no poll ${uri} here`);
    return poll;
  }

  async undo({ as, activity_uri }) {
    const done = this.world.sent.get(idOf(activity_uri));
    if (done == null || done.as !== as) throw new BadRequest(`${as} never sent ${activity_uri}`);
    const { toIds: tos, ccIds: ccs } = done.activity;
    return await this.#send(Undo, as, done.recipients, { object: done.activity, tos, ccs });
  }

  /** Any activity at all, written as JSON-LD; id and actor are filled in where they are missing. */
  async send({ as, activity, deliver_to }) {
    const uuid = crypto.randomUUID();
    const json = {
      "@context": "https://www.w3.org/ns/activitystreams",
      id: this.ctx.getObjectUri(Activity, { id: uuid }).href,
      actor: this.ctx.getActorUri(as).href,
      ...activity,
    };
    const read = await Activity.fromJsonLd(json, this.ctx);
    const recipients = await Promise.all(deliver_to.map((uri) => this.#remoteActor(uri, as)));
    return await this.#deliver(uuid, as, recipients, read);
  }

  async #send(Type, as, recipients, properties) {
    this.#mustExist(as);
    const uuid = crypto.randomUUID();
    const id = this.ctx.getObjectUri(Activity, { id: uuid });
    const activity = new Type({ id, actor: this.ctx.getActorUri(as), ...properties });
    return await this.#deliver(uuid, as, recipients, activity);
  }

  async #deliver(uuid, as, recipients, activity) {
    this.world.sent.set(uuid, { as, activity, recipients });
    this.#mustExist(as).outbox.push(activity);
    const options = { immediate: true, preferSharedInbox: true };
    await this.ctx.sendActivity({ identifier: as }, recipients, activity, options);
    return { id: activity.id.href };
  }

  /** "public" and "followers" spelt out, and the actors who must receive it, each once. */
  async #audience(as, to, cc, more = []) {
    const followersUri = this.ctx.getFollowersUri(as).href;
    const named = { public: PUBLIC_COLLECTION.href, followers: followersUri };
    const spelled = (uris) => uris.map((uri) => new URL(named[uri] ?? uri));
    const [tos, ccs] = [spelled(to), spelled(cc)];
    const uris = new Set([...tos, ...ccs, ...spelled(more)].map((uri) => uri.href));
    for (const collection of Object.values(named)) uris.delete(collection);
    const recipients = new Map();
    if ([...tos, ...ccs].some((uri) => uri.href === followersUri)) {
      for (const [uri, follower] of this.#mustExist(as).followers) recipients.set(uri, follower);
    }
    for (const uri of uris) if (!recipients.has(uri)) recipients.set(uri, await this.#remoteActor(uri, as));
    return { tos, ccs, recipients: [...recipients.values()] };
  }

  async #dereference(uri, as) {
    const documentLoader = await this.ctx.getDocumentLoader({ identifier: as });
    const object = await this.ctx.lookupObject(uri, { documentLoader });
    if (object == null) throw new BadRequest(`Fedify makes nothing of ${uri}`);
    return object;
  }

  async #remoteActor(uri, as) {
    this.#mustExist(as);
    const actor = await this.#dereference(uri, as);
    if (!isActor(actor)) throw new BadRequest(`${uri} is not an actor`);
    return actor;
  }

  async #authorOf(uri, as) {
    const object = await this.#dereference(uri, as);
    if (object.attributionId == null) throw new BadRequest(`${uri} is attributed to nobody`);
    return await this.#remoteActor(object.attributionId.href, as);
  }

  #mustExist(name) {
    const actor = this.world.actor(String(name));
    if (actor == null || actor.isDeleted) throw new BadRequest(`no actor here is called ${name}`);
    return actor;
  }

  #ownNote(as, uri) {
    const kept = this.world.notes.get(idOf(uri));
    if (kept?.note == null || kept.as !== as) throw new BadRequest(`${as} has no note ${uri}`);
    return kept;
  }
}

function mentionOf(actor) {
  return new Mention({ href: actor.id, name: `@${actor.preferredUsername}@${actor.id.host}` });
}

function addressing({ tos, ccs }) {
  return { tos, ccs };
}
