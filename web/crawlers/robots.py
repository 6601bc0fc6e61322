"""robots.txt: which machines may read what.   Source: RFC 9309

What is in here is a request. What nobody may read is not guarded by it, and no path in it is a secret.
"""

import hashlib

from starlette.requests import Request
from starlette.responses import Response

from server.config import Settings
from web.shared.static import A_WHILE, StaticFile, answer_file

# Machines that read in order to train models, or to answer in our place. Each with where its owner says so; those without
# such a page: github.com/ai-robots-txt/ai.robots.txt.
AI_CRAWLERS = (
    ("AI2Bot", "allenai.org/crawler"),
    ("Amazonbot", "developer.amazon.com/amazonbot"),
    ("anthropic-ai", ""),
    ("Applebot-Extended", "support.apple.com/119829"),
    ("Bytespider", ""),
    ("CCBot", "commoncrawl.org/ccbot"),
    ("ChatGPT-User", "platform.openai.com/docs/bots"),
    ("Claude-SearchBot", "support.anthropic.com/articles/8896518"),
    ("Claude-User", "support.anthropic.com/articles/8896518"),
    ("ClaudeBot", "support.anthropic.com/articles/8896518"),
    ("cohere-ai", ""),
    ("cohere-training-data-crawler", ""),
    ("Diffbot", "docs.diffbot.com"),
    ("FacebookBot", "developers.facebook.com/docs/sharing/bot"),
    ("Google-CloudVertexBot", "cloud.google.com/vertex-ai"),
    ("Google-Extended", "developers.google.com/search/docs/crawling-indexing/google-common-crawlers"),
    ("GPTBot", "platform.openai.com/docs/bots"),
    ("ImagesiftBot", "imagesift.com/about"),
    ("Meta-ExternalAgent", "developers.facebook.com/docs/sharing/webmasters/web-crawlers"),
    ("Meta-ExternalFetcher", "developers.facebook.com/docs/sharing/webmasters/web-crawlers"),
    ("MistralAI-User", "docs.mistral.ai/robots"),
    ("OAI-SearchBot", "platform.openai.com/docs/bots"),
    ("Omgilibot", "webz.io/bot.html"),
    ("PerplexityBot", "docs.perplexity.ai/guides/bots"),
    ("Perplexity-User", "docs.perplexity.ai/guides/bots"),
    ("Timpibot", "timpi.io"),
    ("YouBot", "about.you.com/youbot"),
)

# What no search engine has anything to look for in: forms, what is one person's own, what programs ask for.
DISALLOWED = (
    "/@*/contact",
    "/@*/desk",
    "/@*/join",
    "/@*/*/come",
    "/answers/",
    "/api/",
    "/calendar/",
    "/contact/",
    "/events/",
    "/follow",
    "/home",
    "/join/",
    "/login",
    "/logout",
    "/me$",
    "/me/",
    "/me?",
    "/notifications",
    "/oauth/",
    "/people/",
    "/search",
    "/setup/",
    "/sign_up",
    "/threads/",
    "/write",
)


async def robots(request: Request) -> Response:
    """GET /robots.txt."""
    settings: Settings = request.app.state.settings
    body = written(settings.origin, are_ai_crawlers_welcome=settings.ai_crawlers).encode()
    etag = f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'
    return answer_file(request, StaticFile(body, "text/plain; charset=utf-8", etag), A_WHILE)


def written(origin: str, *, are_ai_crawlers_welcome: bool) -> str:
    """Write the file: a group for those that are turned away, one for all others, and where the sitemap is."""
    lines: list[str] = []
    if not are_ai_crawlers_welcome:
        lines.append("# Machines that read in order to train models are not welcome here: people publish for people.")
        lines += [f"User-agent: {name}" for name, _ in AI_CRAWLERS]
        lines += ["Disallow: /", ""]
    lines += ["User-agent: *", *(f"Disallow: {path}" for path in DISALLOWED), "", f"Sitemap: {origin}/sitemap.xml"]
    return "\n".join(lines) + "\n"
