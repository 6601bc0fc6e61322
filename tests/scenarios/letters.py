"""The letters of a server without a mail server: they wait in a folder (maildir)."""

from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default

from tests.scenarios.server import Server


@dataclass(frozen=True)
class Letter:
    """A letter as its reader sees it: to whom, about what, and its plain text with ordinary spaces."""

    to: str
    subject: str
    text: str


async def written(server: Server) -> list[Letter]:
    """Read the letters that wait in the folder of a server, oldest first."""
    paths = sorted(server.folder.rglob("new/*"), key=lambda path: path.stat().st_mtime_ns)
    letters = [message_from_bytes(path.read_bytes(), policy=default) for path in paths]
    bodies = [letter.get_body(("plain",)) for letter in letters]
    return [
        Letter(letter["To"], _spaced(letter["Subject"]), _spaced(body.get_content() if body is not None else ""))
        for letter, body in zip(letters, bodies, strict=True)
    ]


async def to_address(server: Server, address: str) -> list[Letter]:
    """Read those to one address."""
    return [letter for letter in await written(server) if letter.to == address]


def _spaced(text: str) -> str:
    return text.replace("\xa0", " ").replace("\u202f", " ")
