// Polls: a Question as Mastodon and its kin understand it, votes in it and in those of others.

import { Activity, Collection, Create, Note, PUBLIC_COLLECTION, Question, Update } from "@fedify/vocab";
import { Temporal } from "@js-temporal/polyfill";

const OPEN_FOR = { hours: 1 };

/** A poll of ours: what it asks, and who chose what. */
export class Poll {
  isClosed = false;
  votes = []; // {actor, name, id}, as they came

  constructor({ as, id, content, options, multiple, recipients }) {
    Object.assign(this, { as, id, content, options, multiple, recipients });
    this.published = Temporal.Now.instant();
    this.endTime = this.published.add(OPEN_FOR);
  }

  /** Count a vote: a Note with a name and no content. False for one that is none, or is not allowed. */
  count(note, voter) {
    const name = note.name?.toString();
    const before = this.votes.filter((vote) => vote.actor === voter);
    const isAgain = this.multiple ? before.some((vote) => vote.name === name) : before.length > 0;
    if (this.isClosed || note.content != null || isAgain || !this.options.includes(name)) return false;
    this.votes.push({ actor: voter, name, id: note.id.href });
    return true;
  }

  question(ctx) {
    const chosen = (name) => this.votes.filter((vote) => vote.name === name).length;
    const optionOf = (name) => new Note({ name, replies: new Collection({ totalItems: chosen(name) }) });
    const now = Temporal.Now.instant();
    return new Question({
      id: this.id,
      attribution: ctx.getActorUri(this.as),
      content: this.content,
      published: this.published,
      to: PUBLIC_COLLECTION,
      cc: ctx.getFollowersUri(this.as),
      [this.multiple ? "inclusiveOptions" : "exclusiveOptions"]: this.options.map(optionOf),
      voters: new Set(this.votes.map((vote) => vote.actor)).size,
      endTime: this.isClosed ? now : this.endTime,
      closed: this.isClosed ? now : null,
    });
  }
}

/** The poll of ours that a note votes in, if it does. */
export function pollOf(world, note) {
  const asked = note.replyTargetId?.href;
  return note.name == null || asked == null ? null : (world.polls.get(asked.split("/").at(-1)) ?? null);
}

/** What the control API lets this peer do about polls. `post` is how it says anything at all. */
export class Polls {
  constructor(ctx, world, post) {
    this.ctx = ctx;
    this.world = world;
    this.post = post;
  }

  async ask({ as, content, options, multiple = false }) {
    const uuid = crypto.randomUUID();
    const id = this.ctx.getObjectUri(Question, { id: uuid });
    const recipients = [...this.world.actor(as).followers.values()];
    const poll = new Poll({ as, id, content, options, multiple, recipients });
    this.world.polls.set(uuid, poll);
    return { ...(await this.#say(Create, poll)), object_id: id.href };
  }

  /** Tell the followers and the voters how it stands, for the last time if it closes. */
  async tell(poll, voters, close) {
    poll.isClosed ||= close;
    const known = new Set(poll.recipients.map((actor) => actor.id.href));
    poll.recipients.push(...voters.filter((actor) => !known.has(actor.id.href)));
    return await this.#say(Update, poll);
  }

  async #say(Type, poll) {
    const addressing = { to: PUBLIC_COLLECTION, cc: this.ctx.getFollowersUri(poll.as) };
    return await this.post(Type, poll.as, poll.recipients, { object: poll.question(this.ctx), ...addressing });
  }

  /** Choose in somebody else's poll: one Create for each choice, for its author alone. */
  async vote(as, question, author, choices) {
    const sent = [];
    for (const name of choices) {
      const vote = new Note({
        id: new URL(`${this.ctx.getActorUri(as).href}#votes/${crypto.randomUUID()}`),
        attribution: this.ctx.getActorUri(as),
        name,
        replyTarget: question.id,
        to: author.id,
      });
      sent.push((await this.post(Create, as, [author], { object: vote, to: author.id })).id);
    }
    return { ids: sent };
  }
}

/** Serve the polls by their own uris. */
export function showPolls(federation, world, mayFetch) {
  federation
    .setObjectDispatcher(Question, "/questions/{id}", (ctx, { id }) => world.polls.get(id)?.question(ctx) ?? null)
    .authorize(mayFetch);
}

/** Take a vote that arrived; whether it was one. */
export async function onVote(world, create, ctx) {
  const note = create instanceof Activity ? await create.getObject({ ...ctx, suppressError: true }) : null;
  if (!(note instanceof Note)) return false;
  return pollOf(world, note)?.count(note, create.actorId.href) ?? false;
}
