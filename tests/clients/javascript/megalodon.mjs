// megalodon, the library of Whalebird and Fedistar, as an application uses it.

import { Readable } from "node:stream";

import generator from "megalodon";

import { converse } from "./steps.mjs";

const SCOPES = ["read", "write", "follow"];
const [origin] = process.argv.slice(2);
const heard = [];
let app, redirectUri, client;

await converse({
  async register(told) {
    redirectUri = told.redirectUri;
    app = await generator("mastodon", origin).registerApp("megalodon", { scopes: SCOPES, redirect_uris: redirectUri });
    return app.url;
  },

  async logIn({ code }) {
    const { client_id, client_secret } = app;
    const token = await generator("mastodon", origin).fetchAccessToken(client_id, client_secret, code, redirectUri);
    client = generator("mastodon", origin, token.access_token);
    return (await client.verifyAccountCredentials()).data;
  },

  async publish({ status, ...more }) {
    return (await client.postStatus(status, more)).data;
  },

  async pages({ limit, most }) {
    const found = [];
    for (let next = { limit }; next !== undefined && found.length < most; ) {
      const page = await client.getHomeTimeline(next);
      found.push(page.data.map((status) => status.id));
      const link = page.headers.link?.match(/<([^>]+)>; rel="next"/)?.[1];
      next = link ? { limit, max_id: new URL(link).searchParams.get("max_id") } : undefined;
    }
    return found;
  },

  async listen() {
    const stream = await client.userStreaming();
    stream.on("update", (status) => heard.push(["update", status.id]));
    stream.on("notification", (told) => heard.push(["notification", told.id]));
    stream.on("delete", (id) => heard.push(["delete", id]));
  },

  async heard() {
    return heard;
  },

  async upload({ base64, type, description }) {
    const file = Readable.from(Buffer.from(base64, "base64"));
    return (await client.uploadMedia(Object.assign(file, { path: `a.${type.split("/")[1]}` }), { description })).data;
  },

  async notifications() {
    return (await client.getNotifications()).data;
  },

  async context({ id }) {
    return (await client.getStatusContext(id)).data;
  },

  async find({ q }) {
    return (await client.search(q, { type: "accounts" })).data;
  },
});
