"""A person with a browser who lets an application in: logs in, reads the page, and presses the button."""

from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2
from bs4 import BeautifulSoup, Tag

from tests.scenarios.server import ADMIN, PASSWORD

BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "Accept-Language": "fr"}
AUTHORIZE = "/oauth/authorize"


def allow(address: str, *, name: str = ADMIN, journal_hook: object = None) -> str:
    """Let in the application that sent somebody to `address`; where the browser is sent, or the code that the page shows."""
    hooks = {"response": [journal_hook]} if journal_hook else {}
    with httpx2.Client(headers=BROWSER, timeout=30, follow_redirects=False, event_hooks=hooks) as browser:
        page = _arrive(browser, address)
        if (form := _form(page.text, "/login")) is not None:
            typed = _fields(form) | {"name": name, "password": PASSWORD}
            page = _arrive(browser, str(browser.post(urljoin(str(page.url), "/login"), data=typed).next_request.url))
        form = _form(page.text, AUTHORIZE)
        assert form is not None, page.text
        answer = browser.post(urljoin(str(page.url), form["action"]), data=_fields(form))
        if answer.is_redirect:
            return answer.headers["location"]
        shown = BeautifulSoup(answer.text, "html.parser").select_one("code, input[readonly], .copy")
        assert shown is not None, answer.text
        return str(shown.get("value") or shown.get_text(strip=True))


def code_in(address: str) -> str:
    """The code in the address to which an application is answered."""
    return parse_qs(urlsplit(address).query)["code"][0]


def _arrive(browser: httpx2.Client, address: str) -> httpx2.Response:
    page = browser.get(address)
    while page.next_request is not None:
        page = browser.send(page.next_request)
    assert page.status_code == 200, page.text
    return page


def _form(page: str, action: str) -> Tag | None:
    """The first form of a page that is sent there."""
    forms = BeautifulSoup(page, "html.parser").select("form")
    return next((form for form in forms if str(form.get("action", "")).partition("?")[0] == action), None)


def _fields(form: Tag) -> dict[str, str]:
    """What the form sends if its first button is pressed."""
    fields = {str(field["name"]): str(field.get("value", "")) for field in form.select("input[name]")}
    button = form.select_one("button[name]")
    return fields | ({str(button["name"]): str(button.get("value", ""))} if button else {})
