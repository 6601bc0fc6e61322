"""One worker process of a test: claims what the journal of a database holds, and performs it.

`python -m tests.workers.performing DATABASE_URL SLOT` says "ready", waits for a line, and then prints the uri of every
activity that it performs, in order.
"""

import asyncio
import sys
from datetime import UTC, datetime

from models import database, ids, secrets
from models.inbox import InboxMessage
from tests.world import World
from workers.inbox import perform

BATCH_ROWS = 7


async def main(url: str, slot: str) -> None:
    """Work until the journal is empty."""
    secrets.use_key(b"k" * 32)
    await database.open_database(url)
    await ids.claim_process_number()
    ctx = World().context(datetime.now(UTC))
    print("ready", flush=True)
    sys.stdin.readline()
    while await InboxMessage.exists():
        rows = await InboxMessage.claim(slot, ctx.now(), BATCH_ROWS)
        for row in rows:
            print(row.activity_uri, flush=True)
        if rows:
            await perform(rows, ctx)
    await database.close_database()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
