"""The page of the server itself: who runs it, what it runs, what becomes of personal data, where the source code is."""

import asyncio
from datetime import UTC, datetime, time

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from server.activitypub.negotiation import respond_bytes
from server.admin import terms
from server.admin.public_list import listed
from server.admin.rules import all_rules
from web.about.source import NAME, archive
from web.shared.kept_pages import kept
from web.shared.rendering import render
from web.shared.site import context_of, site_of


@kept
async def about(request: Request) -> Response:
    """GET /about."""
    site, moderated = await site_of(request), await listed(is_member=False)
    found = await terms.current(context_of(request).now().date())
    return render(
        request,
        "about/about.html",
        site=site,
        moderated=moderated,
        rules=await all_rules(),
        terms_since=datetime.combine(found.since, time(12), UTC) if found else None,
        terms_html=Markup(terms.as_html(found.text)) if found else "",  # noqa: S704 - it has passed the gate
    )


async def source(request: Request) -> Response:
    """GET /about/source.tar.gz."""
    body = await asyncio.to_thread(archive)
    headers = {
        "Content-Type": "application/gzip",
        "Content-Disposition": f'attachment; filename="{NAME}.tar.gz"',
        "Cache-Control": "public, max-age=3600",
        "X-Content-Type-Options": "nosniff",
    }
    return respond_bytes(request, body, 200, headers)
