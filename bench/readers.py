"""Members who only listen: written straight into the tables of a server, each following one account.

    python -m bench.readers <username> <how many>

The settings are those of the environment. What is printed is an access token for each, one a line.
"""

import asyncio
import sys

from federation.actors import create_local
from federation.keys import generate_rsa_key
from models import database, secrets
from models.actor import Actor, ActorType
from models.follow import Follow, FollowState
from models.ids import claim_process_number
from models.member import Member
from server.config import Settings, read_settings
from server.oauth.tokens import create_token
from server.runtime import clock

SCOPES = ("read", "write")


async def make(settings: Settings, username: str, how_many: int) -> list[str]:
    """Make members who follow the account with this username; a token of each."""
    secrets.use_key(settings.secret_key)
    await database.open_database(settings.database_url, pool_size=1)
    try:
        await claim_process_number()
        followed = await Actor.get(local_name=username)
        key = generate_rsa_key()  # nobody verifies what they sign, and a key for each would take most of the time
        return [await _reader(settings, followed, number, key) for number in range(how_many)]
    finally:
        await database.close_database()


async def _reader(settings: Settings, followed: Actor, number: int, key: tuple[str, str]) -> str:
    name = f"reader{number}"
    actor = await create_local(settings.names, ActorType.PERSON, name, display_name=name, now=clock(), rsa_key=key)
    await Follow.create(uri=f"{actor.uri}/follow", follower=actor, followed=followed, state=FollowState.ACCEPTED)
    return await create_token(await Member.create(actor=actor), SCOPES)


def main() -> int:
    """Make them and print their tokens."""
    username, how_many = sys.argv[1], int(sys.argv[2])
    print("\n".join(asyncio.run(make(read_settings(), username, how_many))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
