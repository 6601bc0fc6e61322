"""The server of somebody who belongs to a section here, and what it shows to that section."""

from typing import Any

from federation.context import Context
from federation.objects import details
from federation.objects.details import Agreement, Between, Detail
from models.actor import Actor
from tests.world import World

URI = "https://far.test/shared-details/x"
WORDS = "J’accepte que mon adresse quitte mon serveur."


class Home:
    """The server of the member, and what it serves."""

    def __init__(self, section: Actor, member: Actor, ctx: Context, world: World) -> None:
        self.world, self.ctx = world, ctx
        self.between = Between(URI, member.uri, section.uri)
        self.given_at = ctx.now()

    def shows(self, *named: tuple[str, str], **more: Any) -> None:
        agreed = Agreement(1, "fr", WORDS, self.given_at)
        shown = [Detail(name, value, agreed) for name, value in named]
        self.world.serve(details.write(self.between, shown, now=self.ctx.now()) | more)

    def shows_nothing(self) -> None:
        del self.world.documents[URI]
