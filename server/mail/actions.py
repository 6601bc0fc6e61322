"""What is done with e-mail here: put a letter among those to be sent. It leaves by a worker."""

from federation.context import Context, Work
from models.mail import Letter
from models.secrets import fingerprint
from server.mail.writing import write


async def post(
    template: str, to: str, ctx: Context, *, language: str, sender_name: str, unsubscribe: str = "", **values: str
) -> Letter:
    """Write a letter and have it sent; inside a transaction it is sent if that one is kept.

    `unsubscribe` is the page by which its reader sees to it that no other follows (RFC 2369 §3.2).
    """
    message = write(template, language, to, **values)
    if unsubscribe:
        message["List-Unsubscribe"] = f"<{unsubscribe}>"
    letter = await Letter.create(
        recipient=to,
        recipient_fingerprint=fingerprint(to),
        sender_name=sender_name,
        message=message.as_bytes().decode("ascii"),
        due_at=ctx.now(),
        created_at=ctx.now(),
    )
    await ctx.wake(Work.MAIL)
    return letter
