"""What many readers answered to the same posts: votes, whether they come, emojis; asked of all readers at once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from models.event import EventPoll
from models.participation import Participation
from models.poll import PollVote
from models.reaction import EmojiReaction
from server.events.queries import own_votes
from server.posts.queries import PostView


@dataclass(slots=True)
class Answers:
    """Answers by (reader id, post id): the positions that they voted for, and what they said of an event."""

    votes: dict[tuple[int, int], list[int]] = field(default_factory=dict)
    coming: dict[tuple[int, int], Participation] = field(default_factory=dict)
    emojis: dict[tuple[int, int], set[str]] = field(default_factory=dict)

    async def ask_for(self, reader_ids: Collection[int], views: Sequence[PostView]) -> None:
        """Ask what these readers answered to these posts."""
        polls = [view.post.id for view in views if view.poll is not None]
        about_events = [view.post.id for view in views if view.poll is not None and view.poll.asks_who_comes]
        events = [view.post.id for view in views if view.event is not None]
        with_emojis = [view.post.id for view in views if view.emojis]
        asking = await self._ask_who_comes(reader_ids, events, about_events)
        for post_id, event_id in asking.items():
            for reader_id in reader_ids:
                self.votes[reader_id, post_id] = own_votes(self.coming.get((reader_id, event_id)))
        if counted := [id_ for id_ in polls if id_ not in asking]:
            cast = PollVote.filter(actor_id__in=list(reader_ids), option__poll__post_id__in=counted)
            for vote in await cast.select_related("option__poll").order_by("option__position"):
                self.votes.setdefault((vote.actor_id, vote.option.poll.post_id), []).append(vote.option.position)
        if with_emojis:
            for row in await EmojiReaction.filter(actor_id__in=list(reader_ids), post_id__in=with_emojis):
                self.emojis.setdefault((row.actor_id, row.post_id), set()).add(row.emoji)

    async def _ask_who_comes(
        self, reader_ids: Collection[int], events: Sequence[int], polls: Sequence[int]
    ) -> dict[int, int]:
        """Ask what they said of these events, and of those that these polls are about: {post of a poll: its event}."""
        rows = await EventPoll.filter(post_id__in=list(polls)) if polls else []
        asking = {row.post_id: row.event_id for row in rows}
        if ids := {*events, *asking.values()}:
            for one in await Participation.filter(actor_id__in=list(reader_ids), event_id__in=list(ids)):
                self.coming[one.actor_id or 0, one.event_id] = one
        return asking

    def put_in(self, view: PostView, reader_id: int) -> PostView:
        """Give a post as somebody sees it who answered so."""
        key = (reader_id, view.post.id)
        mine = self.emojis.get(key, ())
        return replace(
            view,
            poll=replace(view.poll, own_votes=self.votes.get(key, [])) if view.poll is not None else None,
            event=replace(view.event, own=self.coming.get(key)) if view.event is not None else None,
            emojis=[replace(total, is_mine=total.emoji in mine) for total in view.emojis],
        )
