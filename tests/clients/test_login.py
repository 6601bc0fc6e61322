"""Logging in by code with Mastodon.py and toot: the page of consent is passed as a person would."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mastodon import Mastodon, MastodonAPIError, MastodonIllegalArgumentError, MastodonUnauthorizedError

from tests.clients.consent import allow, code_in
from tests.clients.rows import BY_HAND
from tests.clients.toot import TOOT_SECONDS, Toot
from tests.clients.watching import Journal, Watched, covers
from tests.scenarios.server import ADMIN, Server

SCOPES = ["read", "write", "follow", "push"]
OWN_SCHEME = "app.coopole.test://done"


@pytest.fixture
def watch(journal: Journal) -> Callable[[httpx2.Response], None]:
    """Note what a person with a browser asks for."""

    def note(answer: httpx2.Response) -> None:
        with journal.during(BY_HAND):
            journal.note(answer.request.method, str(answer.request.url), answer.status_code)

    return note


@covers(
    "POST /api/v1/apps", "GET /oauth/authorize", "POST /oauth/token", "POST /oauth/revoke",
    "GET /.well-known/oauth-authorization-server",
)  # fmt: skip
def test_mastodon_py_registers_logs_in_and_out(
    server: Server, public: Mastodon, journal: Journal, watch: Callable[[Any], None]
):
    id_, secret = public.create_app(
        "Test", api_base_url=server.origin, redirect_uris=OWN_SCHEME, session=public.session
    )
    client = Watched(journal, client_id=id_, client_secret=secret, api_base_url=server.origin)
    assert client.oauth_authorization_server_info()["code_challenge_methods_supported"] == ["S256"]
    asked = client.auth_request_url(redirect_uris=OWN_SCHEME, scopes=SCOPES, state="é", allow_http=True)

    answer = allow(asked, journal_hook=watch)
    client.log_in(code=code_in(answer), redirect_uri=OWN_SCHEME, scopes=SCOPES, allow_http=True)

    assert answer.startswith(f"{OWN_SCHEME}?")
    assert client.account_verify_credentials().acct == ADMIN
    assert client.app_verify_credentials().name == "Test"
    token = client.access_token
    client.revoke_access_token(allow_http=True)
    with pytest.raises(MastodonUnauthorizedError):
        Watched(journal, access_token=token, api_base_url=server.origin).account_verify_credentials()


@covers("POST /api/v1/accounts")
def test_mastodon_py_asks_for_an_account(server: Server, public: Mastodon, journal: Journal):
    id_, secret = public.create_app("Test", api_base_url=server.origin, session=public.session)
    client = Watched(journal, client_id=id_, client_secret=secret, api_base_url=server.origin)
    wish = {"username": "lou", "password": "cheval agrafe pile", "email": "lou@post.example", "locale": "fr"}
    with pytest.raises(MastodonIllegalArgumentError):
        client.create_account(**wish, agreement=True)
    server.cli("sign-up", "mode", "open")

    _, refused = client.create_account(**wish, return_detailed_error=True)
    assert [problem.error for problem in refused.details.agreement] == ["ERR_ACCEPTED"]
    assert client.create_account(**wish, agreement=True) == client.access_token
    with pytest.raises(MastodonAPIError, match="confirmed"):
        client.account_verify_credentials()


def test_toot_logs_in(server: Server, tmp_path: Path):
    toot = Toot(tmp_path)
    command = [*toot.command, "login", "--instance", server.origin]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, env=toot.environment | {"BROWSER": "true"}, stdin=pipe, stdout=pipe, text=True
    ) as login:
        assert login.stdin is not None
        assert login.stdout is not None
        address = next(line.strip() for line in login.stdout if "/oauth/authorize" in line)
        login.stdin.write(f"n\n{allow(address)}\n")
        login.stdin.close()
        assert "Successfully logged in" in login.stdout.read()
        assert login.wait(TOOT_SECONDS) == 0

    assert f"{ADMIN}@{server.netloc}" in toot("auth")
    assert f"@{ADMIN}" in toot("whoami")
