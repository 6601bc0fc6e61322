// What this peer saw: activities that arrived, requests it sent out, and what Fedify complained about.

import { AsyncLocalStorage } from "node:async_hooks";
import { configure } from "@logtape/logtape";

const KEPT = 2000; // entries of each kind
const GRAVE = new Set(["warning", "error", "fatal"]);
const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|\[::1\]|localhost)$/;

function keep(list, entry) {
  list.push(entry);
  if (list.length > KEPT) list.shift();
}

/** Activities in the order they were answered, and the questions still waiting for one. */
export class Arrivals {
  #seen = [];
  #questions = new Set();

  add(arrival) {
    arrival.seq = (this.#seen.at(-1)?.seq ?? 0) + 1;
    keep(this.#seen, arrival);
    for (const question of [...this.#questions]) {
      if (matches(arrival, question.filter)) question.answer(arrival);
    }
  }

  all(filter) {
    return this.#seen.filter((arrival) => matches(arrival, filter));
  }

  /** The first match, now or within the time; null when none came. */
  next(filter, timeoutMs) {
    const [already] = this.all(filter);
    if (already != null) return Promise.resolve(already);
    return new Promise((resolve) => {
      const question = { filter, answer };
      const timer = setTimeout(() => answer(null), timeoutMs);
      const questions = this.#questions;
      function answer(arrival) {
        clearTimeout(timer);
        questions.delete(question);
        resolve(arrival);
      }
      questions.add(question);
    });
  }
}

/** Whether an arrival is the one asked for: every criterion that is given must hold. */
function matches(arrival, { type, id, actor, object, objectType, verified, after }) {
  const inner = arrival.activity?.object;
  return (
    (type == null || arrival.type === type) &&
    (id == null || arrival.id === id) &&
    (actor == null || arrival.actor === actor) &&
    (object == null || arrival.object_id === object || uriOf(inner?.object) === object) &&
    (objectType == null || arrival.object_type === objectType) &&
    (verified == null || arrival.verified === verified) &&
    (after == null || arrival.seq > after)
  );
}

export function uriOf(value) {
  if (typeof value === "string") return value;
  return typeof value?.id === "string" ? value.id : null;
}

/** Everything one call of the control API caused, however deep inside Fedify it happened. */
export const errand = new AsyncLocalStorage();
export const complaints = [];
export const knocks = [];

/** Keep what Fedify says at level warning or above, and whatever carries an error at any level. */
export async function listenToFedify() {
  const remember = (record) => {
    const error = record.properties.error;
    if (!GRAVE.has(record.level) && error == null) return;
    const complaint = {
      level: record.level,
      category: record.category.join("."),
      message: record.message.map((part) => (typeof part === "string" ? part : readable(part))).join(""),
      error: error == null ? null : readable(error),
    };
    keep(complaints, complaint);
    errand.getStore()?.log.push(complaint);
  };
  await configure({
    contextLocalStorage: new AsyncLocalStorage(),
    sinks: { remember },
    loggers: [
      { category: "fedify", lowestLevel: "debug", sinks: ["remember"] },
      { category: ["logtape", "meta"], lowestLevel: "warning", sinks: ["remember"] },
    ],
  });
}

function readable(value) {
  if (value instanceof Error && value.cause != null) return `${value} (${readable(value.cause)})`;
  if (value instanceof Error) return String(value);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Which signature a request carries, by its headers alone. */
export function schemeOf(headers) {
  if (headers.has("signature-input")) return "rfc9421";
  return headers.has("signature") ? "draft-cavage-http-signatures-12" : null;
}

/**
 * Make every outgoing request stay on this machine, and remember it.
 *
 * A handle names no scheme and Fedify takes https for granted; here WebFinger is asked over http instead.
 */
export function confineFetch() {
  const realFetch = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (!LOOPBACK.test(url.hostname)) throw new TypeError(`refused to leave this machine for ${url.href}`);
    let target = input;
    if (url.protocol === "https:" && url.pathname === "/.well-known/webfinger") {
      url.protocol = "http:";
      target = input instanceof Request ? new Request(url, input) : url;
    }
    const method = input.method ?? init?.method ?? "GET";
    const scheme = schemeOf(new Headers(input.headers ?? init?.headers));
    const activity = method === "POST" ? await bodyOf(input, init) : null;
    const knock = { method, url: url.href, scheme, status: null, error: null, activity };
    keep(knocks, knock);
    errand.getStore()?.knocks.push(knock);
    try {
      const response = await realFetch(target, init);
      knock.status = response.status;
      return response;
    } catch (error) {
      knock.error = readable(error);
      throw error;
    }
  };
}

/** The activity a request brings, as it is on the wire; null where it brings none. */
async function bodyOf(input, init) {
  try {
    return await new Request(input instanceof Request ? input.clone() : input, init).json();
  } catch {
    return null;
  }
}
