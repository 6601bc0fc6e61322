"""`python -m tests.corpus_report`: what becomes of each document of the corpus, program by program, in docs/interop.md.

Every document goes down the one path as its own server would send it, each into an empty database.
"""

import asyncio
import csv
import sys
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from federation import pipeline
from federation.activities import parse
from federation.context import Context
from federation.errors import FederationError, UnsupportedActivity
from federation.handlers import HANDLERS
from federation.jsonld import Json, load, type_of, uri_of
from federation.pipeline import Submission
from federation.vocabulary import ACTIVITY_TYPES, ACTOR_TYPES, POST_TYPES
from models import database, ids, secrets
from models.activity import ActivityRecord
from tests import factories
from tests.corpus_stage import Stage, completed, sender_of, wrapped
from tests.databases import SqliteTemplate
from tests.world import World

ROOT = Path(__file__).parents[1]
CORPUS = ROOT.parent / "shared" / "corpus"
PAGE = ROOT / "docs" / "interop.md"
STORED, IGNORED, REFUSED = "stored", "ignored on purpose", "refused"
# Parts of documents, cut out of documentation or of a test: no server sends them so.
EXCERPTS = {
    "emissary/sigs-x_emissary_test.go.04.json",
    "gotosocial/internal-ap-extractpubkey_test.go.01.json",
    "gotosocial/internal-ap-normalize_test.go.06.json",
    "gotosocial/internal-ap-properties_test.go.01.json",
    "gotosocial/internal-typeutils-internaltoas_test.go.16.json",
    "mastodon/content-en-spec-activitypub.md.14.json",
    "mastodon/content-en-spec-security.md.01.json",
}
# What must be refused: forged on purpose by those who published it, or given another server's id while names were changed.
DAMAGED = {
    "mastodon/emoji-reaction-no-emoji.json",
    "mastodon/mastodon_announce_1_undo.json",
    "misskey/misskey-like.json",
    "mobilizon/tesla_mock-mobilizon-event-join-accept.json",
}
UNDERSTOOD = frozenset(kind for kind, _ in HANDLERS)


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a document. `is_known` says whether its type is one that this server understands."""

    path: str
    what: str
    outcome: str
    reason: str = ""
    is_known: bool = True

    @property
    def program(self) -> str:
        """Whose document it is."""
        return self.path.partition("/")[0]


def documents() -> list[tuple[str, Json]]:
    """Every document of the corpus but WebFinger and NodeInfo, which are no activities."""
    with (CORPUS / "INDEX.tsv").open() as index:
        paths = [row["path"] for row in csv.DictReader(index, delimiter="\t") if not row["path"].startswith("_")]
    return [(path, load((CORPUS / path).read_bytes())) for path in paths]


def described(document: Json) -> str:
    """Name the types in a document, from the outside in."""
    words, inner = [], document
    while isinstance(inner, dict) and len(words) < 4:
        words.append(type_of(inner) or "?")
        inner = inner.get("object") if type_of(inner) in ACTIVITY_TYPES else None
    return " of ".join(words)


async def fate_of(path: str, document: Json, url: str) -> Fate:
    """Send one document and see."""
    what = described(document)
    if path in EXCERPTS:
        return Fate(path, what, IGNORED, "an excerpt, not a whole document", is_known=False)
    activity = wrapped(completed(document))
    kind = type_of(activity) or type_of(document) or "?"
    if activity is None or (sender := sender_of(activity)) is None:
        return Fate(path, what, IGNORED, f"nobody sends a {kind}: it is fetched when it is needed", is_known=False)
    if kind not in UNDERSTOOD:
        return Fate(path, what, IGNORED, f"{kind} is not understood here", is_known=False)
    return await _sent(path, what, activity, sender, url)


async def _sent(path: str, what: str, activity: Json, sender: str, url: str) -> Fate:
    await database.open_database(url)
    try:
        await ids.claim_process_number()
        world = World()
        ctx = world.context(datetime(2026, 11, 22, 18, tzinfo=UTC))
        section = await factories.section(ctx, "lille", "Section de Lille")
        member = await factories.member(ctx, "zoe", "Zoé")
        stage = Stage(ctx, world, member, section)
        await stage.meet(sender, kind=_actor_kind(activity, sender))
        try:
            activity = await stage.set(activity, lambda inner, by: submitted(inner, by, ctx))
            await submitted(activity, sender, ctx)
        except UnsupportedActivity as error:
            is_known = _is_known(activity) and "means nothing here" not in str(error)
            return Fate(path, what, IGNORED, str(error), is_known=is_known)
        except FederationError as error:
            return Fate(path, what, REFUSED, str(error), is_known=_is_known(activity) and path not in DAMAGED)
        done = await ActivityRecord.exists(uri=activity["id"])
        return Fate(path, what, STORED if done else IGNORED, "" if done else "nothing came of it")
    finally:
        await database.close_database()


def _actor_kind(activity: Json, sender: str) -> str:
    object_ = activity.get("object")
    if type_of(object_) in ACTOR_TYPES and uri_of(object_) == sender:
        return type_of(object_) or "Person"
    return "Group" if type_of(activity) == "Announce" and type_of(object_) in ACTIVITY_TYPES else "Person"


def _is_known(activity: Json) -> bool:
    """Whether what an activity is about is of a type that this server understands."""
    object_ = activity.get("object")
    kind = type_of(object_)
    if kind in ACTIVITY_TYPES - {"Question"} and isinstance(object_, dict):
        return kind in UNDERSTOOD and _is_known(object_)
    return not isinstance(object_, dict) or kind in ACTOR_TYPES | POST_TYPES | {"Tombstone"}


async def submitted(document: Json, sender: str, ctx: Context) -> None:
    """Send an activity down the path.

    Raises:
        FederationError: it was refused.
    """
    [outcome] = await pipeline.submit_many([Submission(parse(document), sender)], ctx)
    if outcome.error is not None:
        raise outcome.error


async def fates(template: SqliteTemplate) -> list[Fate]:
    """Send every document, each into an empty database."""
    secrets.use_key(b"k" * 32)
    return [await fate_of(path, document, template.fresh()) for path, document in documents()]


def written(found: list[Fate]) -> str:
    """Write the page."""
    known = [fate for fate in found if fate.is_known]
    stored = sum(fate.outcome == STORED for fate in known)
    lines = [
        "# Interoperability",
        "",
        f"What becomes of {len(found)} documents that {len({fate.program for fate in found})} other programs write, each",
        "sent as its own server would send it. Made by `make corpus` from a collection that is not part of this",
        "repository; the tests read the same documents, and change them in every way.",
        "",
        f"Of {len(known)} documents of types that this server understands, {stored} are stored or performed: "
        f"{100 * stored / max(1, len(known)):.1f} %. Not counted are excerpts, and {len(DAMAGED)} documents that must be",
        "refused as they are: forged on purpose, or with the id of another server.",
        "",
        "| program | documents | stored | ignored on purpose | refused |",
        "|---|---|---|---|---|",
    ]
    by_program: dict[str, Counter[str]] = defaultdict(Counter)
    for fate in found:
        by_program[fate.program][fate.outcome] += 1
    for program, counts in sorted(by_program.items()):
        cells = [sum(counts.values()), counts[STORED], counts[IGNORED], counts[REFUSED]]
        lines.append(f"| {program} | {' | '.join(str(cell) for cell in cells)} |")
    lines += [
        "",
        "## Why the others are not stored",
        "",
        "| program | document | outcome | reason |",
        "|---|---|---|---|",
    ]
    reasons: Counter[tuple[str, str, str, str]] = Counter()
    for fate in found:
        if fate.outcome != STORED:
            reasons[fate.program, fate.what, fate.outcome, _short(fate.reason)] += 1
    for (program, what, outcome, reason), count in sorted(reasons.items()):
        lines.append(f"| {program} | {what}{f' (×{count})' if count > 1 else ''} | {outcome} | {reason} |")
    return "\n".join(lines) + "\n"


def _short(reason: str) -> str:
    """Leave names out of a sentence: other people's."""
    words = ["…" if word.startswith(("http://", "https://")) else word for word in reason.split()]
    return " ".join(words).replace("|", "\\|")


def main(arguments: list[str]) -> int:
    """Write docs/interop.md; the exit status is 1 where there is no corpus."""
    if not CORPUS.is_dir():
        print("There is no corpus beside this repository (../shared/corpus): docs/interop.md stays as it is.")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(fates(SqliteTemplate(Path(folder))))
    PAGE.write_text(written(found))
    print(PAGE.relative_to(ROOT), "is written")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
