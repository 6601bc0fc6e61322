"""What scenarios say about members of several servers: follow and wait, publish and wait, look at a page."""

from typing import Any

from tests.scenarios.server import Server, eventually

Status = dict[str, Any]


async def follow(server: Server, member: str, handle: str) -> str:
    """Follow somebody and wait for their answer; their account id."""
    account_id = await server.follow(handle, member=member)
    await eventually(lambda: server.follows(account_id, member=member))
    return account_id


async def arrival(server: Server, member: str, status: Status) -> Status:
    """Wait until a post is in a member's home timeline, itself or shared; the status there."""
    found = await eventually(lambda: server.in_home(status["uri"], member=member))
    assert found is not None
    return found


async def is_absent(server: Server, member: str, uri: str) -> bool:
    """Whether a post is not in a member's home timeline."""
    return await server.in_home(uri, member=member) is None


async def count_is(server: Server, status: Status, name: str, count: int) -> bool:
    """Whether a total of a post has this value on its server."""
    return bool((await server.api("GET", f"/api/v1/statuses/{status['id']}", member=None))[name] == count)


async def has_followers(server: Server, username: str, count: int) -> bool:
    """Whether an account here has so many followers."""
    account = await server.api("GET", "/api/v1/accounts/lookup", member=None, acct=username)
    return bool(account["followers_count"] == count)


async def page_of(server: Server, path: str) -> str:
    """Read a page as a browser without a login does.

    Raises:
        AssertionError: it is not there.
    """
    status, _, text = await server.get(path, accept="text/html")
    assert status == 200, f"{path}: {status}"
    return text
