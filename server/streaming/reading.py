"""Posts as each of many readers sees them: what is the same for all is loaded once, what is not asked for all at once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from models import shown
from models.actor import Actor, in_sight
from models.post import Post, Visibility
from models.rows import padded
from models.shown import Marks
from server.filters import matching
from server.filters import queries as filters
from server.filters.matching import ActiveFilter
from server.posts import queries as posts
from server.posts.queries import PostView
from server.streaming.answering import Answers

READERS_AT_ONCE = 512
READ_BY_MANY = (Visibility.PUBLIC, Visibility.UNLISTED, Visibility.FOLLOWERS, Visibility.SECTION)


@dataclass(slots=True)
class Reading:
    """Some posts: `views` as somebody sees them who has done nothing with them and filters nothing.

    Those in `personal` stand otherwise before each reader, who reads them alone; so does what is not in `views`. What
    readers may have answered to those in `answered` is in `answers`.
    """

    views: dict[int, PostView] = field(default_factory=dict)
    personal: set[int] = field(default_factory=set)
    answered: set[int] = field(default_factory=set)
    answers: Answers = field(default_factory=Answers)
    marks: dict[int, Marks] = field(default_factory=dict)
    filters: dict[int, list[ActiveFilter]] = field(default_factory=dict)
    texts: Mapping[int, list[str]] = field(default_factory=dict)

    async def ask_for(self, readers: Sequence[Actor]) -> None:
        """Ask what these readers did with the posts, and what they filter."""
        ids, post_ids = [reader.id for reader in readers], list(self.views)
        answered = [self.views[id_] for id_ in self.answered - self.personal]
        for start in range(0, len(ids) if post_ids else 0, READERS_AT_ONCE):
            some = ids[start : start + READERS_AT_ONCE]
            self.marks |= await shown.marks_of(some, padded(post_ids))
            self.filters |= await filters.active_of(some, post_ids)
            await self.answers.ask_for(some, answered)
        if self.filters:
            self.texts = {id_: posts.texts(view) for id_, view in self.views.items()}

    async def seen_by(self, reader: Actor, post_id: int) -> PostView | None:
        """Give a post as a reader sees it; None for one that they may not read."""
        view = self.views.get(post_id)
        if view is None or post_id in self.personal:
            return await posts.one(post_id, reader)
        if not view.post.is_open and not await posts.may_read(post_id, reader):
            return None
        if post_id in self.answered:
            view = self.answers.put_in(view, reader.id)
        marks, active = self.marks.get(reader.id), self.filters.get(reader.id, ())
        is_own = view.post.actor_id == reader.id
        found = matching.found(active, post_id, self.texts[post_id]) if active and not is_own else []
        if marks is None and not found:
            return view
        marks = marks or Marks()
        return replace(
            view,
            is_liked=post_id in marks.liked,
            is_announced=post_id in marks.announced,
            is_featured=post_id in marks.featured,
            is_bookmarked=post_id in marks.bookmarked,
            is_muted=post_id in marks.muted,
            filtered=found,
        )


async def load(post_ids: Collection[int], fresh: Collection[int]) -> Reading:
    """Load posts; nobody has done anything yet with those that are `fresh`."""
    if not post_ids:
        return Reading()
    rows = Post.filter(id__in=list(post_ids), visibility__in=READ_BY_MANY, **in_sight("actor__"))
    views = await posts.views(await rows.select_related("actor"))
    return Reading(
        {view.post.id: view for view in views},
        personal={view.post.id for view in views if _hides_something(view)},
        answered={view.post.id for view in views if view.post.id not in fresh and _takes_answers(view)},
    )


def _hides_something(view: PostView) -> bool:
    """Whether a post hangs on something that some may read and others not."""
    is_answer = bool(view.post.in_reply_to_id and view.parent is None)
    return is_answer or (view.quote is not None and view.quote.quoted is None)


def _takes_answers(view: PostView) -> bool:
    """Whether what a reader answered is part of a post."""
    return view.poll is not None or view.event is not None or bool(view.emojis)
