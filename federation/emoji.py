"""What is an emoji: one of Unicode's, or a server's own picture under a `:shortcode:`.

Source: UTS #51 §1.4.9 (the shape of a sequence); FEP-c0e0; Misskey (`_misskey_reaction`), Pleroma (`tag` of type Emoji).
"""

import re
import unicodedata
from dataclasses import dataclass

from federation import sanitise
from federation.jsonld import Json, each, text_of, type_of, uri_of

MAX_CHARACTERS = 64
MAX_PARTS = 10
LIKES = frozenset({"❤\ufe0f", "👍"})  # what Misskey writes for a Like without a choice

_JOINER = "\u200d"
_VARIATION = "\ufe0f"
_KEYCAP = re.compile("[0-9#*]\ufe0f?\u20e3")
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_TAGS = re.compile("[\U000e0020-\U000e007e]+\U000e007f$")
_SKIN = "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
_SIGNS = frozenset("‼⁉ℹ〰")  # emoji that are not of the categories of symbols
_FIRST_SIGN = "\u2190"
_PICTURES_BY_DEFAULT = frozenset(  # the first plane's, Emoji_Presentation in emoji-data.txt
    "⌚⌛⏩⏪⏫⏬⏰⏳◽◾☔☕♈♉♊♋♌♍♎♏♐♑♒♓♿⚓⚡⚪⚫⚽⚾⛄⛅⛎⛔⛪⛲⛳⛵⛺⛽✅✊✋✨❌❎❓❔❕❗➕➖➗➰➿⬛⬜⭐⭕"
)
_SHORTCODE = re.compile(r":?([A-Za-z0-9_+-]{1,64})(?:@[A-Za-z0-9_.:-]*)?:?")


@dataclass(frozen=True, slots=True)
class Emoji:
    """One emoji. `text` is the character, or `:shortcode:` with the address of its picture in `url`."""

    text: str
    url: str | None = None


def is_unicode(text: str) -> bool:
    """Whether the text is exactly one emoji of Unicode: a symbol, a flag, a keycap, or several symbols joined."""
    if not 0 < len(text) <= MAX_CHARACTERS:
        return False
    if _KEYCAP.fullmatch(text) or _FLAG.fullmatch(text):
        return True
    parts = _TAGS.sub("", text).split(_JOINER)
    return len(parts) <= MAX_PARTS and all(_is_symbol(part) for part in parts)


def _is_symbol(part: str) -> bool:
    """Whether this is one pictograph, perhaps with a skin tone and the sign that asks for a picture."""
    base = part.replace(_VARIATION, "")
    if len(base) == 2 and base[1] in _SKIN:
        base = base[0]
    if len(base) != 1 or len(part) > 3 or part[0] == _VARIATION:
        return False
    return base in _SIGNS or base in _SKIN or _is_pictograph(base)


def _is_pictograph(sign: str) -> bool:
    """Whether it is a symbol, or stands where Unicode will keep pictures that Python does not know yet."""
    category = unicodedata.category(sign)
    if "\U0001f1e6" <= sign <= "\U0001f1ff":  # half a flag
        return False
    if category == "Cn":
        return "\U0001f000" <= sign <= "\U0001faff"
    return category in ("So", "Sm") and (sign >= _FIRST_SIGN or sign in "©®")


def shortcode(text: str) -> str | None:
    """Give the name in `:name:`, `name` or `:name@host:`; None for anything else."""
    found = _SHORTCODE.fullmatch(text)
    return found[1] if found else None


def one_spelling(text: str) -> str:
    """Spell an emoji of one character as Unicode recommends: with the sign that asks for a picture where it needs it."""
    base = text.removesuffix(_VARIATION)
    if len(base) != 1:
        return text
    return base if base > "\uffff" or base in _PICTURES_BY_DEFAULT else base + _VARIATION


def read(document: Json) -> Emoji | None:
    """Read the emoji of an EmojiReact, or of a Like that has one; None where there is none that can be shown."""
    text = text_of(document.get("content")).strip() or text_of(document.get("_misskey_reaction")).strip()
    if is_unicode(text):
        return Emoji(one_spelling(text))
    name = shortcode(text)
    if name is None:
        return None
    for tag in each(document.get("tag")):
        if type_of(tag) == "Emoji" and shortcode(text_of(tag.get("name"))) == name:
            icon = tag.get("icon")
            picture = icon.get("url") or icon.get("href") if isinstance(icon, dict) else icon
            url = sanitise.ascii_url(uri_of(picture))
            return Emoji(f":{name}:", url) if url else None
    return None


def is_like(emoji: Emoji) -> bool:
    """Whether a Like with this emoji says no more than a Like."""
    return emoji.text in LIKES
