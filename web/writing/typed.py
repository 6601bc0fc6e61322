"""What is typed of any post, by a member or at the desk of a section: its text, a warning, its language."""

from collections.abc import Mapping, Sequence

from federation import markup
from models.media import Media
from models.post import Post, Visibility
from server.errors import Invalid
from server.posts.actions import MAX_CHARACTERS, Draft
from web.shared.logged_in import Typed

LANGUAGES = {
    "fr": "Français", "en": "English", "br": "Brezhoneg", "ca": "Català", "co": "Corsu", "eu": "Euskara", "oc": "Occitan",
    "gsw": "Elsässisch", "ar": "العربية", "de": "Deutsch", "es": "Español", "it": "Italiano", "kab": "Taqbaylit",
    "nl": "Nederlands", "pl": "Polski", "pt": "Português", "ro": "Română", "ru": "Русский", "tr": "Türkçe",
    "uk": "Українська", "zh": "中文",
}  # fmt: skip
"""What a post may be written in, each language by its own name."""
MAX_WARNING_CHARACTERS = 500


def read_draft(typed: Typed, visibility: Visibility, post: Post | None = None, pictures: Sequence[Media] = ()) -> Draft:
    """Read what was typed of a post; `post` is what is edited, `pictures` are what it shows.

    Raises:
        Invalid: there is no text, something is too long, or it is no form of ours.
    """
    text, warning, language = (typed.get(name, "") for name in ("text", "warning", "language"))
    if not text.strip():
        raise Invalid("Write something first.")
    if markup.counted(text) > MAX_CHARACTERS:
        raise Invalid("A post may have 5,000 characters at most.")
    if len(warning := plain_warning(warning)) > MAX_WARNING_CHARACTERS:
        raise Invalid("A warning may have 500 characters at most.")
    check_language(language, post)
    is_sensitive = post is not None and post.is_sensitive and not post.content_warning
    return Draft(
        text,
        visibility,
        content_warning=warning,
        is_sensitive=is_sensitive,
        language=language or None,
        media=list(pictures),
    )


def plain_warning(typed: str) -> str:
    """Give a warning on one line."""
    return " ".join(typed.split())


def check_language(language: str, post: Post | None = None) -> None:
    """Refuse a language that the form did not offer.

    Raises:
        Invalid: it did not.
    """
    if language not in LANGUAGES and (post is None or language != (post.language or "")):
        raise Invalid("This form could not be read.")


def values_of(post: Post) -> dict[str, str]:
    """Put what a post says into the fields of a form; `seen` is the version that it has."""
    text, language = post.source_text or "", post.language or ""
    return {"text": text, "warning": post.content_warning, "language": language, "seen": version_of(post)}


def version_of(post: Post) -> str:
    """Name the version of a post, so that nobody changes another one than they have seen."""
    return post.edited_at.isoformat() if post.edited_at else ""


def languages_with(values: Mapping[str, str]) -> dict[str, str]:
    """Give the languages to choose from, with the one that was chosen elsewhere."""
    chosen = values.get("language", "")
    return LANGUAGES if chosen in LANGUAGES else {chosen: chosen or "–"} | LANGUAGES
