"""What scenarios ask of memberships: how somebody stands to a group on a server, and what its history there says."""

from tests.scenarios import rows
from tests.scenarios.server import Server, eventually


async def actor_uri(server: Server, username: str) -> str:
    """Give the uri of a member or section of a server."""
    return str((await server.document(f"/@{username}"))["id"])


async def state(server: Server, member_uri: str, group_uri: str) -> str | None:
    """Tell how somebody stands to a group, as far as a server knows; None where they do not."""
    sql = (
        "SELECT m.state FROM membership m JOIN actor a ON a.id = m.member_id JOIN actor g ON g.id = m.group_id "
        "WHERE a.uri = $1 AND g.uri = $2"
    )
    found = await rows.query(server, sql, member_uri, group_uri)
    return str(found[0][0]) if found else None


async def is_so(server: Server, member_uri: str, group_uri: str, wanted: str | None) -> None:
    """Wait until somebody stands so to a group on a server."""

    async def look() -> bool:
        return await state(server, member_uri, group_uri) == wanted

    await eventually(look)


async def steps(server: Server, member_uri: str) -> list[tuple[str, str]]:
    """List the steps of somebody's memberships that a server has written down: (uri of the group, step)."""
    sql = (
        "SELECT g.uri, h.step FROM membership_history h JOIN actor a ON a.id = h.member_id "
        "JOIN actor g ON g.id = h.group_id WHERE a.uri = $1 ORDER BY h.id"
    )
    return [(str(uri), str(step)) for uri, step in await rows.query(server, sql, member_uri)]


async def open_to(server: Server, openness: str) -> None:
    """Choose who may come into the sections of a server."""
    await rows.query(server, "UPDATE section SET openness = $1", openness)
