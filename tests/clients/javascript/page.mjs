// A client that is nothing but a page, on an origin of its own: all of its login is cross-origin, with PKCE.

import { createOAuthAPIClient, createRestAPIClient } from "masto";

const SCOPES = "read write";
const HERE = `${location.origin}/`;
const at = (id) => document.getElementById(id);

const base64url = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

async function leave(server) {
  const app = await createRestAPIClient({ url: server }).v1.apps.create({
    clientName: "Une page",
    redirectUris: HERE,
    scopes: SCOPES,
  });
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const state = base64url(crypto.getRandomValues(new Uint8Array(16)));
  sessionStorage.setItem("login", JSON.stringify({ server, app, verifier, state }));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  const query = new URLSearchParams({
    client_id: app.clientId,
    redirect_uri: HERE,
    response_type: "code",
    scope: SCOPES,
    state,
    code_challenge: base64url(digest),
    code_challenge_method: "S256",
  });
  location.assign(`${server}/oauth/authorize?${query}`);
}

async function comeBack(answer) {
  const { server, app, verifier, state } = JSON.parse(sessionStorage.getItem("login"));
  if (answer.get("state") !== state) throw new Error("This answers another question.");
  const token = await createOAuthAPIClient({ url: server }).token.create({
    grantType: "authorization_code",
    clientId: app.clientId,
    clientSecret: app.clientSecret,
    redirectUri: HERE,
    code: answer.get("code"),
    codeVerifier: verifier,
  });
  const client = createRestAPIClient({ url: server, accessToken: token.accessToken });
  at("me").textContent = (await client.v1.accounts.verifyCredentials()).acct;
  at("login").hidden = true;
  at("write").hidden = false;
  at("write").addEventListener("submit", (event) => {
    event.preventDefault();
    publish(client, at("text").value).catch(tell);
  });
}

async function publish(client, status) {
  const headers = { "Idempotency-Key": crypto.randomUUID() };
  await client.v1.statuses.create({ status }, { requestInit: { headers } });
  const home = await client.v1.timelines.home.list({ limit: 5 });
  at("home").replaceChildren(
    ...home.map((shown) => {
      const row = document.createElement("li");
      row.innerHTML = shown.content;
      return row;
    }),
  );
}

const tell = (error) => {
  at("problem").textContent = `${error}`;
};

at("login").addEventListener("submit", (event) => {
  event.preventDefault();
  leave(at("server").value).catch(tell);
});

const answer = new URLSearchParams(location.search);
if (answer.has("code")) comeBack(answer).catch(tell);
