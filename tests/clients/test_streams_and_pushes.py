"""What a member is told at once, with Mastodon.py: streams and Web Push."""

import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from mastodon import Mastodon, MastodonNotFoundError, StreamListener

from tests.clients.watching import covers

STREAM_SECONDS = 20
PUSH_SECONDS = 40


class Heard(StreamListener):
    """What a stream said, by the thread that listens to it."""

    def __init__(self) -> None:
        self.said: queue.Queue[tuple[str, Any]] = queue.Queue()

    def on_update(self, status: Any) -> None:
        self.said.put(("update", status.id))

    def on_notification(self, notification: Any) -> None:
        self.said.put((notification.type, notification.account.acct))

    def on_delete(self, status_id: Any) -> None:
        self.said.put(("delete", str(status_id)))


def test_it_hears_at_once_what_happens(ines: Mastodon, ali: Mastodon):
    heard = Heard()
    assert ines.stream_healthy()
    stream = ines.stream_user(heard, run_async=True)

    post = ines.status_post("En direct")
    assert heard.said.get(timeout=STREAM_SECONDS) == ("update", post.id)
    ali.status_favourite(post)
    assert heard.said.get(timeout=STREAM_SECONDS) == ("favourite", "ali")
    ines.status_delete(post)
    assert heard.said.get(timeout=STREAM_SECONDS) == ("delete", post.id)
    stream.close()


@covers(*(f"{method} /api/v1/push/subscription" for method in ("GET", "POST", "PUT", "DELETE")))
def test_it_subscribes_to_pushes_and_reads_one(ines: Mastodon, ali: Mastodon):
    private, public = ines.push_subscription_generate_keys()
    received: queue.Queue[tuple[dict[str, str], bytes]] = queue.Queue()

    class Service(BaseHTTPRequestHandler):
        """A push service that keeps what it is given."""

        def do_POST(self) -> None:
            received.put((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(201)
            self.end_headers()

    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as service:
        threading.Thread(target=service.serve_forever, daemon=True).start()
        endpoint = f"http://127.0.0.1:{service.server_port}/push"
        made = ines.push_subscription_set(endpoint, public, favourite_events=True)
        assert (made.endpoint, made.alerts.favourite, made.alerts.follow) == (endpoint, True, False)
        assert ines.push_subscription().id == made.id
        ali.status_favourite(ines.status_post("Poussez"))
        headers, body = received.get(timeout=PUSH_SECONDS)
        service.shutdown()

    told = ines.push_subscription_decrypt_push(body, private, headers["Encryption"], headers["Crypto-Key"])
    assert (told.notification_type, told.body, told.title) == ("favourite", "Poussez", "ali aime votre message")
    assert ines.push_subscription_update(favourite_events=False, mention_events=True).alerts.favourite is False
    ines.push_subscription_delete()
    with pytest.raises(MastodonNotFoundError):
        ines.push_subscription()
