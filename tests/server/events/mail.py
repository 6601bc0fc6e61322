"""Letters about events, as those who get them read them."""

import re

from models.mail import Letter

LINK = re.compile(r"https://lille\.test/answers/(\S{43})$", re.MULTILINE)


def plain(letter: Letter) -> str:
    """The text of a letter, as far as it is ASCII."""
    return letter.message.replace("=\r\n", "").replace("=\n", "").replace("=3D", "=").replace("\r\n", "\n")


async def tokens() -> list[str]:
    """The private links in the letters that wait, by their tokens."""
    found = []
    for letter in await Letter.all().order_by("id"):
        [token] = set(LINK.findall(plain(letter)))
        found.append(token)
    return found
