"""Reading an answer as its reader does, and sending the forms in it."""

from bs4 import BeautifulSoup, Tag
from httpx2 import AsyncClient, Response


def read(response: Response, status: int = 200) -> BeautifulSoup:
    """Parse a page, having checked its status."""
    assert response.status_code == status, response.text
    return BeautifulSoup(response.text, "html.parser")


def text(page: BeautifulSoup, selector: str) -> str:
    """Give the text of the first element that a CSS selector finds, on one line."""
    found = page.select_one(selector)
    assert found is not None, f"no {selector} in the page"
    return " ".join(found.get_text(" ", strip=True).split())


def texts(page: BeautifulSoup, selector: str) -> list[str]:
    """Give the text of every element that a CSS selector finds."""
    return [" ".join(found.get_text(" ", strip=True).split()) for found in page.select(selector)]


def form_of(page: BeautifulSoup, action: str, do: str = "", **hidden: object) -> dict[str, str]:
    """Give what a form of a page would send if nothing were typed: the first one to `action` with these hidden fields."""
    wanted = {name: str(value) for name, value in hidden.items()} | ({"do": do} if do else {})
    for form in page.select(f'form[action="{action}"]'):
        fields = {field["name"]: field.get("value", "") for field in form.select("input[name]") if _is_sent(field)}
        fields |= {area["name"]: area.get_text().removeprefix("\n") for area in form.select("textarea[name]")}
        for choice in form.select("select[name]"):
            chosen = choice.select_one("option[selected]") or choice.select_one("option")
            fields[choice["name"]] = chosen["value"] if chosen else ""
        if wanted.items() <= fields.items():
            return fields
    raise AssertionError(f"no form to {action} with {wanted}")


def _is_sent(field: Tag) -> bool:
    return field.get("type") not in ("checkbox", "radio") or field.has_attr("checked")


async def press(client: AsyncClient, address: str, do: str, /, **hidden: object) -> Response:
    """Press a button of a page: send its form as it stands there."""
    return await client.post(address, data=form_of(read(await client.get(address)), address, do, **hidden))


async def fill(client: AsyncClient, address: str, do: str = "", /, **typed: str) -> Response:
    """Fill in a form of a page and send it."""
    return await client.post(address, data=form_of(read(await client.get(address)), address, do) | typed)
