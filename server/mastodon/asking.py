"""Who is asking, and the context that the answer needs: what every endpoint takes out of its request."""

from starlette.requests import Request

from federation.context import Context
from models.actor import Actor
from models.member import Member


def context(request: Request) -> Context:
    """Give the context of this process."""
    ctx: Context = request.app.state.context
    return ctx


def viewer(request: Request) -> Actor | None:
    """Give the actor who asks behind `optional`; None is the public."""
    actor: Actor | None = request.state.actor
    return actor


def me(request: Request) -> Actor:
    """Give the actor who asks behind `requires`."""
    actor: Actor = request.state.actor
    return actor


def login(request: Request) -> Member:
    """Give the member who asks behind `requires`."""
    member: Member = request.state.member
    return member
