"""What the page on the client API says of its table."""

from docs.tables import table
from server.mastodon.openapi import PREFIX
from server.mastodon.routes import API
from server.oauth.scopes import Access


def client_api_table() -> str:
    """List every endpoint with who may ask it, as Markdown."""
    rows = [(", ".join(row.verbs), f"`{PREFIX}{row.path}`", who(row.access), row.tier.value) for row in API]
    return table(("Method", "Path", "Who may ask", "Clients"), rows)


def who(access: Access) -> str:
    """Say who may ask an endpoint."""
    scopes = " or ".join(f"`{scope}`" for scope in access.scopes)
    if access.is_for_all:
        return "everybody"
    if access.is_public:
        return f"everybody; with a token: {scopes}"
    return scopes or "any token"
