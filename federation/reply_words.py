"""What somebody says who answers an event with one of a few words, and nothing else: '+1', 'je viens', 'annuler'.

Whatever is longer, or asks something, is what people write to each other.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from federation import sanitise

MAX_HTML_CHARACTERS = 10_000
MAX_PERSONS = 10

_MENTION = re.compile(r"(?<!\S)@[\w.-]+(?:@[\w.:-]+)?")
_KEPT = frozenset("?؟¿‽#")  # a question is no answer, and a hashtag is no word


class Meaning(StrEnum):
    """What a word says: one comes, may come, does not come; or would like to be asked."""

    YES = "yes"
    PERHAPS = "perhaps"
    NO = "no"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a reply says; `guests` is None where it says nothing of them."""

    meaning: Meaning
    guests: int | None = None


_WORDS = {
    Meaning.YES: (
        "oui", "oui je viens", "je viens", "je viendrai", "je participe", "je serai là", "j’y serai", "j’en suis",
        "présent", "présente", "présent(e)", "partant", "partante", "partant(e)", "comptez sur moi", "compte sur moi",
        "yes", "yes i come", "i come", "i’m in", "im in", "i’m coming", "im coming", "i will come", "i’ll come",
        "i’ll be there", "count me in",
    ),
    Meaning.PERHAPS: ("peut-être", "je viendrai peut-être", "maybe", "perhaps"),
    Meaning.NO: (
        "non", "annuler", "j’annule", "je ne viens pas", "je ne viens plus", "je ne viendrai pas", "je ne peux pas",
        "je ne peux pas venir", "absent", "absente", "absent(e)",
        "no", "cancel", "i’m not coming", "im not coming", "not coming", "i can’t come", "i cannot come",
    ),
    Meaning.ASK: ("rsvp", "inscription", "s’inscrire", "participer", "sondage", "sign up", "join", "poll"),
}  # fmt: skip


def folded(text: str) -> str:
    """Give a text without mentions, punctuation, accents and capitals; question marks stay, and hashtags."""
    plain = unicodedata.normalize("NFKD", _MENTION.sub(" ", text)).casefold()
    letters = (_bare(character) for character in unicodedata.normalize("NFKD", plain))
    return " ".join("".join(letters).split())


def _bare(character: str) -> str:
    if unicodedata.combining(character):
        return ""
    is_punctuation = unicodedata.category(character).startswith("P") and character not in _KEPT
    return " " if is_punctuation else character


REPLIES = {folded(word): Reply(meaning) for meaning, words in _WORDS.items() for word in words} | {
    f"+{persons}": Reply(Meaning.YES, persons - 1) for persons in range(1, MAX_PERSONS + 1)
}
"""Everything that counts; nothing else does."""


def read(html: str) -> Reply | None:
    """Read a reply; None for one that only talks."""
    return REPLIES.get(folded(sanitise.plain_text(html))) if len(html) <= MAX_HTML_CHARACTERS else None
