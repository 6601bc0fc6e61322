// What this peer knows: its actors, its notes, the activities it sent. In memory, and made on demand.

const RSA = {
  name: "RSASSA-PKCS1-v1_5",
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: "SHA-256",
};
const NAME = /^[a-z0-9_.-]{1,40}$/;

/** One actor of ours. Names that begin with "nobody" never exist, so that a test can ask for a stranger. */
class LocalActor {
  displayName = null;
  summary = null;
  acceptsFollowers = true;
  isDeleted = false;
  aliases = []; // actor uris
  followers = new Map(); // actor uri -> Actor as Fedify read it
  following = new Set(); // actor uri
  outbox = [];
  #keyPairs = null;

  constructor(name) {
    this.name = name;
    this.displayName = name;
  }

  /** RSA for HTTP and Linked Data signatures, Ed25519 for object integrity proofs; made when first needed. */
  keyPairs() {
    this.#keyPairs ??= Promise.all([
      crypto.subtle.generateKey(RSA, true, ["sign", "verify"]),
      crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]),
    ]);
    return this.#keyPairs;
  }
}

export class World {
  #actors = new Map();
  notes = new Map(); // id (uuid) -> {as, note, recipients}; note is null once deleted
  polls = new Map(); // id (uuid) -> Poll
  sent = new Map(); // id (uuid) -> {as, activity, recipients}

  /** The actor of that name, made if need be; null for a name that cannot exist. */
  actor(name) {
    if (!NAME.test(name) || name.startsWith("nobody")) return null;
    if (!this.#actors.has(name)) this.#actors.set(name, new LocalActor(name));
    return this.#actors.get(name);
  }

  actors() {
    return this.#actors.values();
  }
}

/** The last segment of one of our own uris: the key into `notes` and `sent`. */
export function idOf(uri) {
  return new URL(uri).pathname.split("/").at(-1);
}
