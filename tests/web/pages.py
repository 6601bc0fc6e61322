"""Reading an answer as its reader does."""

from bs4 import BeautifulSoup
from httpx2 import Response


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
