"""Writing as a member does in a browser: the form is opened, filled in and sent, with files where there are any."""

from httpx2 import AsyncClient, Response

from tests.pictures import photograph
from tests.web.pages import form_of, read

WRITE = "/write"
FILE = ("vacances.jpg", photograph(), "image/jpeg")
NO_FILE = {"none": ("", b"")}


async def send(
    browser: AsyncClient, at: str = WRITE, do: str = "publish", files: object = None, **typed: str
) -> Response:
    """Open the composer at an address and send it; fields of `typed` stand for what is typed."""
    return await send_again(browser, read(await browser.get(at)), do, files, at=at, **typed)


async def send_again(  # type: ignore[no-untyped-def]
    browser: AsyncClient, page, do: str = "publish", files: object = None, *, at: str = WRITE, **typed: str
) -> Response:
    """Send the form of a page that is open."""
    action = at.partition("?")[0]
    sent = {name: value for name, value in form_of(page, action).items() if not name.startswith("picture")}
    return await browser.post(action, data=sent | {"do": do} | typed, files=files or NO_FILE)
