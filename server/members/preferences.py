"""How a member likes things: the language and the clock of their pages, and how a new post of theirs begins."""

from dataclasses import dataclass
from zoneinfo import available_timezones

from models.member import Member
from models.post import Visibility
from server.errors import Invalid

PAGES_SPEAK = ("fr", "en")
POSTS_BEGIN_AS = (Visibility.PUBLIC, Visibility.UNLISTED, Visibility.FOLLOWERS)


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a member changes; None leaves it as it is. Of the pages, '' is what the browser says and what the section has."""

    reads_in: str | None = None
    timezone: str | None = None
    language: str | None = None
    posts_as: Visibility | None = None
    marks_sensitive: bool | None = None


async def prefer(member: Member, wishes: Preferences) -> None:
    """Have things as a member likes them.

    Raises:
        Invalid: a language that the pages do not speak, a time zone that there is not, or posts for nobody in particular.
    """
    if wishes.reads_in and wishes.reads_in not in PAGES_SPEAK:
        raise Invalid("The pages do not speak this language.")
    if wishes.timezone and wishes.timezone not in available_timezones():
        raise Invalid("There is no such time zone.")
    if wishes.posts_as is not None and wishes.posts_as not in POSTS_BEGIN_AS:
        raise Invalid("A new post begins as one for everybody, or for your followers.")
    wanted = {
        "reads_in": wishes.reads_in,
        "timezone": wishes.timezone,
        "language": wishes.language,
        "posts_as": wishes.posts_as,
        "marks_sensitive": wishes.marks_sensitive,
    }
    changed = {name: value for name, value in wanted.items() if value is not None and value != getattr(member, name)}
    if changed:
        await member.update_from_dict(changed).save(update_fields=list(changed))
