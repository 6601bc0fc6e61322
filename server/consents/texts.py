"""The words that people agree to, in both languages.

What is kept of a consent is the text itself, with the section named in it (models/consent.py). Whoever changes a wording
raises its version: then the older one no longer stands, and people are asked anew where it matters.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from models.actor import Actor
from models.consent import Consent, ConsentText, Purpose
from models.section import Section
from server.errors import Invalid

LANGUAGES = ("fr", "en")


@dataclass(frozen=True, slots=True)
class Wording:
    """What one purpose says; `%(section)s` stands for the name and page of the section."""

    version: int
    fr: str
    en: str


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one purpose of one section in one language, as they are shown and kept."""

    purpose: Purpose
    language: str
    version: int
    text: str

    @property
    def hash(self) -> str:
        """Tell them apart from all others of the purpose: 64 hex digits."""
        return hashlib.sha256(f"{self.version}\n{self.text}".encode()).hexdigest()


WORDINGS: Mapping[Purpose, Wording] = {
    Purpose.MEMBERSHIP: Wording(
        1,
        "Je souhaite faire partie de %(section)s. Cela révèle une opinion politique\N{NO-BREAK SPACE}: j’accepte "
        "expressément que son équipe de gestion garde mon nom, mon adresse Fédivers, la date de mon arrivée, mon statut, "
        "l’échéance de ma cotisation et ses notes, pour la vie de la section et rien d’autre. Personne d’autre ne voit que "
        "j’en fais partie. Je peux quitter la section à tout moment\N{NO-BREAK SPACE}: cela est alors effacé.",
        "I wish to belong to %(section)s. That reveals a political opinion: I expressly agree that those who "
        "manage it keep my name, my fediverse handle, the date on which I came, my status, the date until which my dues are "
        "paid and their notes, for the life of the section and nothing else. Nobody else sees that I belong to it. I may "
        "leave the section at any time: all this is then erased.",
    ),
    Purpose.CHARTER: Wording(
        1,
        "J’ai lu la charte de %(section)s et je m’engage à la respecter.",
        "I have read the charter of %(section)s and undertake to keep to it.",
    ),
    Purpose.SHARE_EMAIL: Wording(
        1,
        "J’accepte que l’équipe de gestion de %(section)s voie mon adresse électronique, pour me joindre au "
        "sujet de la vie de la section. Elle ne la transmet à personne. Je peux revenir sur cet accord à tout "
        "moment\N{NO-BREAK SPACE}: l’adresse est alors effacée de sa liste.",
        "I agree that those who manage %(section)s see my e-mail address, to reach me about the life of the "
        "section. They pass it on to nobody. I may withdraw this at any time: the address is then erased from their list.",
    ),
    Purpose.SHARE_PHONE: Wording(
        1,
        "J’accepte que l’équipe de gestion de %(section)s voie mon numéro de téléphone, pour me joindre au sujet "
        "de la vie de la section. Elle ne le transmet à personne. Je peux revenir sur cet accord à tout "
        "moment\N{NO-BREAK SPACE}: le numéro est alors effacé de sa liste.",
        "I agree that those who manage %(section)s see my phone number, to reach me about the life of the "
        "section. They pass it on to nobody. I may withdraw this at any time: the number is then erased from their list.",
    ),
    Purpose.SEND_EMAIL: Wording(
        1,
        "J’accepte que mon adresse électronique quitte mon serveur pour celui de %(section)s, qui en garde "
        "une copie, et que l’équipe de gestion de cette section la voie, pour me joindre au sujet de la vie "
        "de la section. Elle ne la transmet à personne. L’administration de cet autre serveur en répond, et "
        "la mienne n’y peut plus rien. Je peux revenir sur cet accord à tout moment\N{NO-BREAK SPACE}: mon "
        "serveur le fait savoir, et l’adresse est effacée là-bas. Si mon serveur ne répond plus, elle l’est "
        "au bout de 30 jours.",
        "I agree that my e-mail address leaves my server for the server of %(section)s, which keeps a copy, "
        "and that those who manage that section see it, to reach me about the life of the section. They pass "
        "it on to nobody. Whoever runs that other server answers for it, and those who run mine can do no "
        "more about it. I may withdraw this at any time: my server says so, and the address is erased there. "
        "If my server no longer answers, it is erased after 30 days.",
    ),
    Purpose.SEND_PHONE: Wording(
        1,
        "J’accepte que mon numéro de téléphone quitte mon serveur pour celui de %(section)s, qui en garde une "
        "copie, et que l’équipe de gestion de cette section le voie, pour me joindre au sujet de la vie de la "
        "section. Elle ne le transmet à personne. L’administration de cet autre serveur en répond, et la "
        "mienne n’y peut plus rien. Je peux revenir sur cet accord à tout moment\N{NO-BREAK SPACE}: mon "
        "serveur le fait savoir, et le numéro est effacé là-bas. Si mon serveur ne répond plus, il l’est au "
        "bout de 30 jours.",
        "I agree that my phone number leaves my server for the server of %(section)s, which keeps a copy, and "
        "that those who manage that section see it, to reach me about the life of the section. They pass it "
        "on to nobody. Whoever runs that other server answers for it, and those who run mine can do no more "
        "about it. I may withdraw this at any time: my server says so, and the number is erased there. If my "
        "server no longer answers, it is erased after 30 days.",
    ),
    Purpose.NEWS: Wording(
        1,
        "J’accepte de recevoir par courriel les nouvelles de %(section)s. Je peux me désinscrire à tout moment.",
        "I agree to receive the news of %(section)s by e-mail. I may unsubscribe at any time.",
    ),
    Purpose.EVENTS: Wording(
        1,
        "J’accepte de recevoir par courriel les invitations aux événements de %(section)s. Je peux me "
        "désinscrire à tout moment.",
        "I agree to receive invitations to the events of %(section)s by e-mail. I may unsubscribe at any time.",
    ),
}


async def words(group: Actor, purpose: Purpose, language: str) -> Words:
    """Give the words to show to somebody, and to keep when they agree.

    Raises:
        Invalid: there is no such language here, or the section has no charter.
    """
    if language not in LANGUAGES:
        raise Invalid("This language is not spoken here.")
    wording = WORDINGS[purpose]
    text = (wording.fr if language == "fr" else wording.en) % {"section": f"{group.name} ({group.url})"}
    if purpose is not Purpose.CHARTER:
        return Words(purpose, language, wording.version, text)
    section = await Section.get_or_none(actor_id=group.id)
    if section is None or not section.charter.strip():
        raise Invalid("This section has no charter.")
    return Words(purpose, language, section.charter_version, f"{text}\n\n{section.charter}")


async def keep(wanted: Words) -> ConsentText:
    """Keep words that somebody agrees to; those of others before them are the same row."""
    columns = {"version": wanted.version, "text": wanted.text}
    row, _ = await ConsentText.get_or_create(
        columns, purpose=wanted.purpose, language=wanted.language, hash=wanted.hash
    )
    return row


async def drop_unused() -> int:
    """Drop words that no consent names any more; how many."""
    ids = [int(str(id_)) for id_ in await ConsentText.all().values_list("id", flat=True)]
    used = {int(str(id_)) for id_ in await Consent.all().distinct().values_list("text_id", flat=True)}
    gone = [id_ for id_ in ids if id_ not in used]
    return await ConsentText.filter(id__in=gone).delete() if gone else 0
