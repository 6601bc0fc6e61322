"""A word or two for the browser that somebody logged in with, so that they know it again in the list."""

MAX_READ_CHARACTERS = 512

# In this order: most browsers also claim to be those further down.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def device_of(user_agent: str) -> str:
    """Name a browser and its system from a User-Agent header: "Firefox, Android"; '' where neither is known."""
    read = user_agent[:MAX_READ_CHARACTERS]
    found = (next((name for mark, name in names if mark in read), "") for names in (_BROWSERS, _SYSTEMS))
    return ", ".join(name for name in found if name)
