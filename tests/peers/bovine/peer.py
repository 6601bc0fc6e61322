"""One actor on bovine, for our federation tests to talk to. It listens on 127.0.0.1 only, and ends when its stdin does.

    python -S peer.py <name>        (bovine and what it needs on PYTHONPATH)

One line on stdout, {"origin": "http://127.0.0.1:PORT"}, says that it is ready. bovine builds, signs, delivers, fetches and
verifies; this file keeps what bovine leaves to whoever uses it: the routes, what was sent, what arrived, who follows.
"""

import asyncio
import itertools
import json
import socket
import sys
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web
from bovine import BovineActor
from bovine.activitystreams import Actor, OrderedCollection, factories_for_actor_object
from bovine.activitystreams.utils import id_for_object
from bovine.clients import lookup_uri_with_webfinger
from bovine.crypto import build_validate_http_signature_raw, generate_rsa_public_private_key
from bovine.crypto.helper import jcs_sha256, multibase_decode
from bovine.crypto.types import CryptographicIdentifier
from bovine.types import Visibility
from bovine.utils import webfinger_response_json

ACTIVITY_JSON = "application/activity+json"
LOOPBACK = "127."


class Peer:
    """The actor, and everything that happened to it."""

    def __init__(self, name, origin):
        self.name, self.origin, self.uri = name, origin, f"{origin}/actor"
        public, private = generate_rsa_public_private_key()
        profile = Actor(
            id=self.uri,
            preferred_username=name,
            name=name.title(),
            inbox=f"{origin}/inbox",
            outbox=f"{origin}/outbox",
            followers=f"{origin}/followers",
            following=f"{origin}/following",
            public_key=public,
            public_key_name="main-key",
        )
        self.document = profile.build(visibility=Visibility.OWNER)
        self.bovine = BovineActor(actor_id=self.uri, public_key_url=f"{self.uri}#main-key", secret=private)
        self.validate = build_validate_http_signature_raw(self.key_of)
        numbers = itertools.count(1)
        self.activities, self.objects = factories_for_actor_object(
            self.document, id_generator=lambda: f"{origin}/things/{next(numbers)}"
        )
        self.things, self.recipients = {}, {}
        self.followers, self.following = [], []
        self.arrivals, self.news = [], asyncio.Condition()

    async def key_of(self, key_id):
        """Fetch the key that a signature names."""
        found = await self.get(key_id)
        return CryptographicIdentifier.from_public_key(found.get("publicKey", found))

    async def get(self, uri):
        """Fetch a document of this machine, signed."""
        if not urlsplit(uri).hostname.startswith(LOOPBACK):
            raise ValueError(f"refused to leave this machine for {uri}")
        return await self.bovine.get(uri)

    async def send(self, built, recipients):
        """Deliver an activity to the inboxes of these actors; (its id, the last status)."""
        activity, status = built.build(), None
        self.things[activity["id"]], self.recipients[activity["id"]] = activity, recipients
        for uri in recipients:
            status = (await self.bovine.post((await self.get(uri))["inbox"], activity)).status
        return {"id": activity["id"], "status": status}

    async def receive(self, request):
        """Keep what arrives, with bovine's verdict on its signature and proof; answer a Follow."""
        body = await request.read()

        async def read():
            return body

        signed_by = await self.validate("post", str(request.url), request.headers, read)
        activity = json.loads(body)
        actor = id_for_object(activity["actor"])
        arrival = {
            "type": activity["type"],
            "id": activity.get("id"),
            "actor": actor,
            "object_id": id_for_object(activity.get("object")),
            "activity": activity,
            "signed_by": signed_by,
            "verified": signed_by is not None and signed_by == actor,
            "is_proven": await self.is_proven(activity) if "proof" in activity else None,
        }
        async with self.news:
            self.arrivals.append(arrival)
            self.news.notify_all()
        if not arrival["verified"]:
            raise web.HTTPUnauthorized
        await self.act(activity, actor)
        return web.Response(status=202)

    async def is_proven(self, activity):
        """Whether the integrity proof holds, by the key that the actor's own document gives.

        In bovine's steps, but for `verify_document`, which in 0.5.19 mistakes the context that a proof bears.
        """
        actor = await self.get(id_for_object(activity["actor"]))
        methods = actor.get("assertionMethod", [])
        [key] = [
            key
            for key in (methods if isinstance(methods, list) else [methods])
            if key["id"] == activity["proof"]["verificationMethod"]
        ]
        document = {name: value for name, value in activity.items() if name != "proof"}
        proof = {name: value for name, value in activity["proof"].items() if name != "proofValue"}
        signature = multibase_decode(activity["proof"]["proofValue"])
        digest = jcs_sha256(proof) + jcs_sha256(document)
        return CryptographicIdentifier.from_multikey(key).verify(digest, signature) == actor["id"]

    async def act(self, activity, actor):
        """Do what a small server must."""
        inner = activity.get("object")
        if activity["type"] == "Follow" and inner == self.uri:
            self.followers.append(actor)
            asyncio.get_running_loop().create_task(self.send(self.activities.accept(activity), [actor]))
        elif activity["type"] == "Accept" and id_for_object(inner) in self.things:
            self.following.append(actor)
        elif activity["type"] == "Undo" and isinstance(inner, dict) and inner["type"] == "Follow":
            self.followers.remove(actor)

    def found(self, query):
        """List the arrivals that match the criteria of a query."""

        def matches(arrival):
            inner = arrival["activity"].get("object")
            names = {arrival["object_id"], id_for_object(inner.get("object")) if isinstance(inner, dict) else None}
            wanted = query.get("verified")
            return (
                query.get("type", arrival["type"]) == arrival["type"]
                and ("object" not in query or query["object"] in names)
                and (wanted is None or json.loads(wanted) == arrival["verified"])
            )

        return [arrival for arrival in self.arrivals if matches(arrival)]


class Control:
    """The control API: how a test tells this peer what to do and asks what it saw."""

    def __init__(self, peer):
        self.peer = peer

    async def lookup(self, told):
        handle = told["handle"].lstrip("@")
        async with aiohttp.ClientSession() as session:
            uri, _ = await lookup_uri_with_webfinger(
                session, f"acct:{handle}", domain=f"http://{handle.partition('@')[2]}"
            )
        return {"error": "not found"} if uri is None else await self.peer.get(uri)

    async def get(self, told):
        return await self.peer.get(told["uri"])

    async def follow(self, told):
        return await self.peer.send(self.peer.activities.follow(told["actor_uri"]), [told["actor_uri"]])

    async def note(self, told):
        mentioned = told["mention"]
        tags = [{"type": "Mention", "href": uri, "name": await self._handle_of(uri)} for uri in mentioned]
        built = self.peer.objects.note(
            content=told["content"], in_reply_to=told.get("in_reply_to"), cc=set(mentioned), tag=tags or None
        )
        note = built.as_public().build()
        self.peer.things[note["id"]] = note
        create = self.peer.activities.create(note)
        recipients = list(dict.fromkeys([*self.peer.followers, *mentioned]))
        self.peer.recipients[note["id"]] = recipients
        return await self.peer.send(create, recipients) | {"object_id": note["id"]}

    async def _handle_of(self, uri):
        actor = await self.peer.get(uri)
        return f"@{actor['preferredUsername']}@{urlsplit(uri).netloc}"

    async def _author_of(self, object_uri):
        return id_for_object((await self.peer.get(object_uri))["attributedTo"])

    async def like(self, told):
        author = await self._author_of(told["object_uri"])
        return await self.peer.send(self.peer.activities.like(told["object_uri"], to={author}), [author])

    async def announce(self, told):
        author = await self._author_of(told["object_uri"])
        announce = self.peer.activities.announce(told["object_uri"], cc={author}).as_public()
        return await self.peer.send(announce, list(dict.fromkeys([author, *self.peer.followers])))

    async def undo(self, told):
        done = self.peer.things[told["activity_uri"]]
        undo = self.peer.activities.undo(done, include_activity=True)
        return await self.peer.send(undo, self.peer.recipients[done["id"]])

    async def delete(self, told):
        uri = told["object_uri"]
        self.peer.things[uri] = {"id": uri, "type": "Tombstone"}
        delete = self.peer.activities.delete({"id": uri, "type": "Tombstone"}).as_public()
        return await self.peer.send(delete, self.peer.recipients[uri])

    async def tell(self, request):
        what = request.match_info["what"]
        try:
            return web.json_response(await getattr(self, what)(await request.json()))
        except (aiohttp.ClientError, KeyError, ValueError) as error:
            return web.json_response({"error": f"{what}: {error!r}"}, status=502)

    async def ask(self, request):
        peer, query = self.peer, request.query
        match request.match_info["what"]:
            case "followers":
                return web.json_response(peer.followers)
            case "received":
                return web.json_response(peer.found(query))
            case "wait":
                try:
                    async with asyncio.timeout(float(query["timeout_s"])), peer.news:
                        await peer.news.wait_for(lambda: peer.found(query))
                except TimeoutError:
                    seen = [[arrival["type"], arrival["object_id"], arrival["verified"]] for arrival in peer.arrivals]
                    return web.json_response({"error": "nothing of the kind came in time", "seen": seen}, status=408)
                return web.json_response(peer.found(query)[0])
        raise web.HTTPNotFound


def routes(peer):
    """What other servers ask of the peer, and what tests do."""

    def shown(document):
        async def show(request):
            return web.json_response(document(), content_type=ACTIVITY_JSON)

        return show

    async def webfinger(request):
        subject = f"acct:{peer.name}@{urlsplit(peer.origin).netloc}"
        if request.query.get("resource") != subject:
            raise web.HTTPNotFound
        return web.json_response(webfinger_response_json(subject, peer.uri), content_type="application/jrd+json")

    async def thing(request):
        document = peer.things.get(f"{peer.origin}{request.path}")
        if document is None:
            raise web.HTTPNotFound
        status = 410 if document["type"] == "Tombstone" else 200
        return web.json_response(document, status=status, content_type=ACTIVITY_JSON)

    def collection(name, count):
        return shown(lambda: OrderedCollection(f"{peer.origin}/{name}", count=count()).build())

    control = Control(peer)
    return [
        web.get("/.well-known/webfinger", webfinger),
        web.get("/actor", shown(lambda: peer.document)),
        web.get("/outbox", collection("outbox", lambda: len(peer.things))),
        web.get("/followers", collection("followers", lambda: len(peer.followers))),
        web.get("/following", collection("following", lambda: len(peer.following))),
        web.get("/things/{number}", thing),
        web.post("/inbox", peer.receive),
        web.post("/control/{what}", control.tell),
        web.get("/control/{what}", control.ask),
    ]


async def main(name):
    """Serve until standard input ends."""
    application = web.Application()
    runner = web.AppRunner(application)
    listener = socket.create_server(("127.0.0.1", 0))
    peer = Peer(name, f"http://127.0.0.1:{listener.getsockname()[1]}")
    application.add_routes(routes(peer))
    await peer.bovine.init()
    await runner.setup()
    await web.SockSite(runner, listener).start()
    print(json.dumps({"origin": peer.origin}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runner.cleanup()
    await peer.bovine.session.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
