"""Telling whether a page could run anything that is not ours."""

import re

from bs4 import BeautifulSoup

OUR_SCRIPTS = re.compile(r"/static/[0-9a-f]{12}/js/[a-z_]+\.js")
SAFE_LINK = re.compile(r"(https?://|mailto:|webcals?://|otpauth://totp/|/(?!/)|#|\?)", re.IGNORECASE)
LOADED = {"img": "src", "video": "src", "audio": "src", "source": "src", "link": "href", "track": "src"}
NAVIGATING = ("href", "action", "formaction", "cite", "poster", "src", "xlink:href", "background", "data")
NEVER = (
    "iframe",
    "object",
    "embed",
    "base",
    "style",
    "applet",
    "frame",
    "math",
    "foreignobject",
    "animate",
    "set",
)
OWN = ("/static/", "/colours/", "/media/", "data:,")


def live(html: str, origin: str) -> list[str]:
    """Say what in a page runs, or could be made to run, or is loaded from elsewhere."""
    page = BeautifulSoup(html, "html.parser")
    found = [f"<{element.name}>" for element in page.find_all(NEVER)]
    for script in page.find_all("script"):
        is_data = script.get("type") == "application/ld+json"
        is_ours = OUR_SCRIPTS.fullmatch(script.get("src", "")) and not script.get_text().strip()
        if not (is_data or is_ours):
            found.append(str(script)[:200])
        if is_data and "<" in script.get_text():
            found.append(f"data that could end its element: {script.get_text()[:200]}")
    for element in page.find_all(True):
        for name, value in element.attrs.items():
            text = " ".join(value) if isinstance(value, list) else str(value)
            is_link = name in NAVIGATING and element.name not in ("link", "meta")
            if name.startswith("on") or name in ("style", "srcdoc") or (is_link and not SAFE_LINK.match(text)):
                found.append(f"<{element.name} {name}={text[:100]}>")
        address = str(element.get(LOADED.get(element.name, ""), "")) if _is_loaded(element.get("rel")) else ""
        if address and not address.removeprefix(origin).startswith(OWN):
            found.append(f"<{element.name}> loads {address}")
        if element.name == "meta" and str(element.get("http-equiv", "")).lower() == "refresh":
            found.append(str(element))
    return found


def _is_loaded(relation: object) -> bool:
    """Whether a browser fetches what an element names by itself: of links, only some relations are."""
    return relation is None or bool({"stylesheet", "icon", "preload", "apple-touch-icon"} & set(relation))  # type: ignore[call-overload]
