"""Who may see what a member writes: what there is to choose, and never more people than see what it answers."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.actor import Actor
from models.post import OPEN, Post, Visibility

_ALL = (Visibility.PUBLIC, Visibility.UNLISTED, Visibility.FOLLOWERS, Visibility.SECTION, Visibility.DIRECT)
NO_WIDER: dict[Visibility, tuple[Visibility, ...]] = {
    Visibility.PUBLIC: _ALL,
    Visibility.UNLISTED: _ALL[1:],
    Visibility.FOLLOWERS: (Visibility.FOLLOWERS, Visibility.DIRECT),
    Visibility.SECTION: (Visibility.SECTION, Visibility.DIRECT),
    Visibility.DIRECT: (Visibility.DIRECT,),
}
"""Who may see an answer, by who may see what it answers."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to who will see it. `group` is the section or group whose members do, of those to which one belongs."""

    visibility: Visibility
    group: Actor | None = None

    @property
    def value(self) -> str:
        """What the form sends: public, unlisted, followers, direct, section-<id of the group>."""
        return written(self.visibility, self.group.id if self.group else None)


def written(visibility: Visibility, group_id: int | None) -> str:
    """Put who may see a post into a field."""
    is_for_members = visibility is Visibility.SECTION and group_id is not None
    return f"section-{group_id}" if is_for_members else visibility.value


def choices(
    author: Actor, groups: Sequence[Actor], parent: Post | None = None, quoted: Post | None = None
) -> list[Choice]:
    """Give what may be chosen; whoever is quoted must be able to read it, and those who read the parent are the most."""
    allowed = NO_WIDER[parent.visibility] if parent is not None else _ALL
    if quoted is not None and quoted.actor_id != author.id:
        allowed = tuple(visibility for visibility in allowed if visibility in OPEN)
    found: list[Choice] = []
    for visibility in allowed:
        if visibility is not Visibility.SECTION:
            found.append(Choice(visibility))
            continue
        found += [Choice(visibility, group) for group in groups if group.members_uri and _is_same(group, parent)]
    return found


def _is_same(group: Actor, parent: Post | None) -> bool:
    """Whether an answer may be for the members of a group: what is for members is answered among the same."""
    return parent is None or parent.visibility is not Visibility.SECTION or parent.group_id == group.id


def no_wider(offered: Sequence[Choice], wished: Visibility) -> str:
    """Give what is chosen at first: what is wished, or else the next that fewer people see."""
    if not offered:
        return Visibility.DIRECT.value
    few_enough = (choice for choice in offered if _ALL.index(choice.visibility) >= _ALL.index(wished))
    return next(few_enough, offered[-1]).value
