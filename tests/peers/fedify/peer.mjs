// A small ActivityPub server on Fedify, for our federation tests to talk to. It listens on 127.0.0.1 only.
//
//   node peer.mjs [--port=0] [--first-knock=rfc9421|draft-cavage-http-signatures-12] [--authorized-fetch]
//
// One line on stdout, {"origin": "http://127.0.0.1:PORT"}, says that it is ready. It ends when its stdin does.

import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { Control } from "./control.mjs";
import { answer, buildFederation } from "./federation.mjs";
import { Arrivals, confineFetch, listenToFedify } from "./journal.mjs";
import { World } from "./world.mjs";

const SCHEMES = ["rfc9421", "draft-cavage-http-signatures-12"];

const { values: options } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    "first-knock": { type: "string", default: "rfc9421" },
    "authorized-fetch": { type: "boolean", default: false },
  },
});
if (!SCHEMES.includes(options["first-knock"])) {
  console.error(`--first-knock must be one of ${SCHEMES.join(", ")}`);
  process.exit(2);
}

confineFetch();
await listenToFedify();

let respond = null; // set before the ready line is written: the origin is known only once the port is
const server = createServer(async (incoming, outgoing) => {
  let response;
  try {
    response = await respond(await toRequest(incoming));
  } catch (error) {
    console.error(error);
    response = new Response(String(error), { status: 500 });
  }
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(Buffer.from(await response.arrayBuffer()));
});
server.keepAliveTimeout = 120_000;

async function toRequest(incoming) {
  const { method, rawHeaders } = incoming;
  const headers = new Headers();
  for (let i = 0; i < rawHeaders.length; i += 2) headers.append(rawHeaders[i], rawHeaders[i + 1]);
  const body = ["GET", "HEAD"].includes(method) ? undefined : await buffer(incoming);
  return new Request(new URL(incoming.url, `http://${incoming.headers.host}`), { method, headers, body });
}

server.listen(Number(options.port), "127.0.0.1", () => {
  const origin = `http://127.0.0.1:${server.address().port}`;
  const world = new World();
  const arrivals = new Arrivals();
  const federation = buildFederation({
    origin,
    world,
    firstKnock: options["first-knock"],
    authorizedFetch: options["authorized-fetch"],
  });
  const control = new Control({ federation, origin, world, arrivals });
  respond = (request) =>
    new URL(request.url).pathname.startsWith("/control/")
      ? control.handle(request)
      : answer(federation, request, { world, arrivals });
  console.log(JSON.stringify({ origin }));
});

process.stdin.on("end", () => process.exit(0)).resume();
process.on("SIGTERM", () => process.exit(0));
