"""The doors of the server for machines: one line a room."""

from starlette.routing import BaseRoute

from server.activitypub.routes import ROUTES as ACTIVITYPUB
from server.mastodon.routes import ROUTES as MASTODON
from server.media.api import ROUTES as MEDIA
from server.monitoring.api import ROUTES as MONITORING
from server.oauth.routes import ROUTES as OAUTH

ROUTES: list[BaseRoute] = [*ACTIVITYPUB, *OAUTH, *MASTODON, *MEDIA, *MONITORING]
