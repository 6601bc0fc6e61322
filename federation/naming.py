"""The uris of this server: how a row is named on the network, and which row a name means. Never reused, never guessed."""

from dataclasses import dataclass
from urllib.parse import quote

from models.ids import new_id


@dataclass(frozen=True, slots=True)
class Names:
    """Every uri this server gives out. `origin` is scheme, host and port, without a slash at the end.

    `handle_domain` is the domain of our handles where that is another one than the origin's.
    """

    origin: str
    handle_domain: str = ""

    @property
    def host(self) -> str:
        """The host (and port, where it is not the scheme's own) of the origin, which others sign their requests for."""
        return self.origin.partition("://")[2]

    @property
    def handle_host(self) -> str:
        """The host that follows the @ in our handles."""
        return self.handle_domain or self.host

    def handle(self, username: str) -> str:
        """Give the whole handle of an actor of ours, as WebFinger and other servers write it: 'zoe@lille.example'."""
        return f"{username}@{self.handle_host}"

    def is_our_host(self, host: str) -> bool:
        """Whether a handle with this host behind its @ is for us to answer: under either domain."""
        return host.lower() in (self.host, self.handle_host)

    @property
    def shared_inbox(self) -> str:
        """Where other servers deliver once for everybody here. Source: ActivityPub §7.1.3."""
        return f"{self.origin}/inbox"

    @property
    def instance_actor(self) -> str:
        """The actor that signs our fetches."""
        return f"{self.origin}/actor"

    def actor(self, id_: int) -> str:
        """Name an actor."""
        return f"{self.origin}/actors/{id_}"

    def profile(self, username: str) -> str:
        """Give the address of an actor's page."""
        return f"{self.origin}/@{username}"

    @property
    def join_form(self) -> str:
        """Give the address of the form by which members join a group, with "{object}" for its uri.   Source: FEP-3b86 §3"""
        return f"{self.origin}/me/join?of={{object}}"

    def look_up(self, placeholder: str) -> str:
        """Give the address of the search at which members have looked up what they come from, with a placeholder for it."""
        return f"{self.origin}/search?q={{{placeholder}}}"

    def post(self, id_: int) -> str:
        """Name a post."""
        return f"{self.origin}/posts/{id_}"

    def place(self, id_: int) -> str:
        """Name a place of ours."""
        return f"{self.origin}/places/{id_}"

    def series(self, id_: int) -> str:
        """Name the events of ours that repeat together."""
        return f"{self.origin}/series/{id_}"

    def shift(self, id_: int) -> str:
        """Name something to do at an event of ours."""
        return f"{self.origin}/shifts/{id_}"

    def context(self, post_id: int) -> str:
        """Name the collection of the conversation that a post of ours began.   Source: FEP-7888"""
        return f"{self.post(post_id)}/context"

    def conversation(self, context_uri: str) -> str:
        """Give the older name of a conversation: that of its first post, if it began here."""
        first = context_uri.removesuffix("/context")
        return first if self.post_id(first) is not None else context_uri

    def post_page(self, username: str, id_: int) -> str:
        """Give the address of a post's page."""
        return f"{self.origin}/@{username}/{id_}"

    def quote_authorization(self, id_: int) -> str:
        """Name the stamp by which an actor of ours agrees to a quote: the row of that quote."""
        return f"{self.origin}/quotes/{id_}"

    def shared_details(self, token: str) -> str:
        """Name what a member shows to a section on another server: by a word that nobody can guess."""
        return f"{self.origin}/shared-details/{token}"

    def media(self, name: str) -> str:
        """Name a file that a member uploaded: by a word that nobody can guess."""
        return f"{self.origin}/media/{name}"

    def tag(self, name: str) -> str:
        """Give the address of a hashtag's page."""
        return f"{self.origin}/tags/{quote(name)}"

    def new_activity(self) -> str:
        """Make the name of an activity that is about to be performed."""
        return f"{self.origin}/activities/{new_id()}"

    def is_ours(self, uri: str) -> bool:
        """Whether this server gave out `uri`."""
        return uri == self.origin or uri.startswith(f"{self.origin}/")

    def post_id(self, uri: str) -> int | None:
        """Give the row id in the name of a post of ours; None for any other name."""
        return self._id_in(uri, "posts")

    def actor_id(self, uri: str) -> int | None:
        """Give the row id in the name of an actor of ours; None for any other name."""
        return self._id_in(uri, "actors")

    def place_id(self, uri: str) -> int | None:
        """Give the row id in the name of a place of ours; None for any other name."""
        return self._id_in(uri, "places")

    def series_id(self, uri: str) -> int | None:
        """Give the row id in the name of a series of ours; None for any other name."""
        return self._id_in(uri, "series")

    def shift_id(self, uri: str) -> int | None:
        """Give the row id in the name of a shift of ours; None for any other name."""
        return self._id_in(uri, "shifts")

    def _id_in(self, uri: str, kind: str) -> int | None:
        prefix = f"{self.origin}/{kind}/"
        digits = uri.removeprefix(prefix)
        if not uri.startswith(prefix) or not digits.isascii() or not digits.isdigit() or len(digits) > 19:
            return None
        id_ = int(digits)
        return id_ if id_ < 2**63 and digits == str(id_) else None
