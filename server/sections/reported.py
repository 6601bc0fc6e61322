"""Which reports are a section's, decided when they come.

Those about the section itself; and those that name a post which is in it: which the section published or passes on, or
which is for its members. A section has of such a report what was said and those posts, no others. Whatever else is reported
of somebody who belongs to it is for the administrators of the server alone, who have every report.
"""

from collections import defaultdict
from collections.abc import Sequence

from federation.facts import Reported
from models.actor import Actor, ActorType
from models.moderation import Report, SectionReport
from models.post import Post, Visibility
from models.reaction import Announce
from models.section import Section


async def on_reported(facts: Sequence[Reported]) -> None:
    """Give each report to the sections here that it concerns."""
    for fact in facts:
        found = await _concerned(fact.report, fact.reported)
        for section in await Section.filter(actor_id__in=list(found)) if found else []:
            columns = {"post_uris": found[section.actor_id]}
            await SectionReport.get_or_create(columns, section_id=section.id, report_id=fact.report.id)


async def _concerned(report: Report, reported: Actor) -> dict[int, list[str]]:
    """Tell which groups a report concerns, by the id of their actor, and which of its posts are in each."""
    named = Post.filter(uri__in=report.post_uris, actor_id=reported.id) if report.post_uris else None
    posts = sorted(await named if named is not None else [], key=lambda post: report.post_uris.index(post.uri))
    showing = Announce.filter(
        post_id__in=[post.id for post in posts], actor__is_local=True, actor__type=ActorType.GROUP
    )
    shown: defaultdict[int, set[int]] = defaultdict(set)
    for post_id, actor_id in await showing.values_list("post_id", "actor_id") if posts else []:
        shown[post_id].add(actor_id)
    found: defaultdict[int, list[str]] = defaultdict(list)
    if reported.is_group:
        found[reported.id] = []
    for post in posts:
        groups = shown[post.id] | ({post.actor_id} if reported.is_group else set())
        if post.visibility is Visibility.SECTION and post.group_id is not None:
            groups.add(post.group_id)
        for group_id in groups:
            found[group_id].append(post.uri)
    return dict(found)
