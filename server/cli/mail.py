"""E-mail from the command line: try it out."""

from typing import Annotated

import typer

from federation.context import Context
from models.mail import Letter
from server.cli.console import out, with_context
from server.config import Settings
from server.errors import Unavailable
from server.mail.addresses import sendable
from server.mail.sending import MailFailed, MailRefused, mailer_of
from server.mail.writing import LANGUAGES, write

mail = typer.Typer(no_args_is_help=True)


@mail.command("try")
def try_out(
    address: Annotated[str, typer.Argument(help="E-mail address to write to.")],
    language: Annotated[str, typer.Option(help="fr or en.")] = LANGUAGES[0],
) -> None:
    """Send a letter at once, and say what became of it."""

    async def work(ctx: Context, settings: Settings) -> str:
        to = sendable(address)
        message = write("trial", language, to, host=ctx.names.host).as_bytes().decode("ascii")
        letter = Letter(recipient=to, sender_name=ctx.names.host, message=message, created_at=ctx.now())
        try:
            async with mailer_of(settings).opened() as sender:
                await sender.send(letter)
        except (MailFailed, MailRefused) as error:
            raise Unavailable(f"The letter was not sent: {error}.") from error
        return "The mail server took it." if settings.smtp_url else f"It lies in {settings.data / 'mail'}."

    out.print(with_context(work), markup=False)
