// masto.js, the library of Phanpy and Elk, as an application uses it.

import { createHash, randomBytes } from "node:crypto";

import { createOAuthAPIClient, createRestAPIClient, createStreamingAPIClient } from "masto";

import { converse } from "./steps.mjs";

const SCOPES = "read write follow push";
const [origin] = process.argv.slice(2);
const verifier = randomBytes(32).toString("base64url");
const heard = [];
let app, redirectUri, accessToken, client;

await converse({
  async register(told) {
    redirectUri = told.redirectUri;
    const public_ = createRestAPIClient({ url: origin });
    app = await public_.v1.apps.create({ clientName: "masto.js", redirectUris: redirectUri, scopes: SCOPES });
    const query = new URLSearchParams({
      client_id: app.clientId,
      redirect_uri: redirectUri,
      response_type: "code",
      scope: SCOPES,
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
      code_challenge_method: "S256",
    });
    return `${origin}/oauth/authorize?${query}`;
  },

  async logIn({ code, codeVerifier = verifier }) {
    const token = await createOAuthAPIClient({ url: origin }).token.create({
      grantType: "authorization_code",
      clientId: app.clientId,
      clientSecret: app.clientSecret,
      redirectUri,
      code,
      codeVerifier,
    });
    accessToken = token.accessToken;
    client = createRestAPIClient({ url: origin, accessToken });
    return client.v1.accounts.verifyCredentials();
  },

  async publish({ idempotencyKey, ...status }) {
    const headers = idempotencyKey ? { "Idempotency-Key": idempotencyKey } : {};
    return client.v1.statuses.create(status, { requestInit: { headers } });
  },

  async pages({ limit, most }) {
    const found = [];
    for await (const page of client.v1.timelines.home.list({ limit })) {
      found.push(page.map((status) => status.id));
      if (found.length === most) break;
    }
    return found;
  },

  async listen() {
    const { configuration } = await client.v2.instance.fetch();
    const streaming = createStreamingAPIClient({ streamingApiUrl: configuration.urls.streaming, accessToken });
    (async () => {
      for await (const event of streaming.user.subscribe()) heard.push([event.event, event.payload?.id ?? event.payload]);
    })();
  },

  async heard() {
    return heard;
  },

  async setPolicy(told) {
    return client.v2.notifications.policy.update(told);
  },

  async upload({ base64, type, description }) {
    const file = new Blob([Buffer.from(base64, "base64")], { type });
    return client.v2.media.create({ file, description });
  },

  async refuse() {
    return client.v1.statuses.$select("1").fetch();
  },
});
