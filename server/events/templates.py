"""What an event of each kind usually is: what it is called, how long it lasts, what there is to do, what is asked.

An organiser begins with it and changes all of it; nothing of it is kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from models.event import EventKind, JoinMode
from server.events.drafts import EventDraft, QuestionDraft, ShiftDraft

LANGUAGES = ("fr", "en")


@dataclass(frozen=True, slots=True)
class Words:
    """What a template says in one language. `shifts` are the names of its shifts, in their order."""

    title: str
    text: str
    shifts: tuple[str, ...] = ()
    questions: tuple[QuestionDraft, ...] = ()


@dataclass(frozen=True, slots=True)
class ShiftTime:
    """When a shift of a template begins, in minutes after the event does; how many minutes it lasts, how many it needs."""

    after: int
    minutes: int
    places: int


@dataclass(frozen=True, slots=True)
class EventTemplate:
    """A kind of event: when one usually begins, how many minutes it lasts, and its words by language."""

    usual_start: time
    minutes: int
    words: Mapping[str, Words]
    shifts: tuple[ShiftTime, ...] = ()
    most_guests: int = 0
    join_mode: JoinMode = JoinMode.FREE


def drafted(kind: EventKind, day: datetime, language: str) -> EventDraft:
    """Begin an event of a kind. `day` is naive: when it begins as the clock shows it there; midnight means the usual one."""
    template = TEMPLATES[kind]
    words = template.words[language if language in template.words else LANGUAGES[0]]
    starts = datetime.combine(day.date(), template.usual_start) if day.time() == time() else day
    times = zip(words.shifts, template.shifts, strict=True)
    return EventDraft(
        title=words.title,
        text=words.text,
        starts=starts,
        ends=starts + timedelta(minutes=template.minutes),
        kind=kind,
        most_guests=template.most_guests,
        join_mode=template.join_mode,
        questions=words.questions,
        shifts=[_shift(name, starts, when) for name, when in times],
        language=language,
    )


def _shift(name: str, starts: datetime, when: ShiftTime) -> ShiftDraft:
    begins = starts + timedelta(minutes=when.after)
    return ShiftDraft(name, begins, begins + timedelta(minutes=when.minutes), when.places)


TEMPLATES: Mapping[EventKind, EventTemplate] = {
    EventKind.MEETING: EventTemplate(
        time(19),
        120,
        {
            "fr": Words(
                "Réunion de la section",
                "À l’ordre du jour :\n- les nouvelles de la section\n- les actions à venir\n- questions diverses\n\n"
                "Tout le monde est bienvenu, et la parole tourne.",
            ),
            "en": Words(
                "Meeting of the section",
                "On the agenda:\n- news of the section\n- what we do next\n- any other business\n\n"
                "Everybody is welcome, and everybody has their say.",
            ),
        },
        most_guests=2,
    ),
    EventKind.RALLY: EventTemplate(
        time(18, 30),
        150,
        {
            "fr": Words(
                "Réunion publique",
                "Une réunion ouverte à toutes et à tous. On présente nos propositions, puis on en discute avec la salle.",
                ("Installer la salle", "Accueillir le public", "Ranger la salle"),
            ),
            "en": Words(
                "Public meeting",
                "Open to everybody. We present what we propose, then the room discusses it.",
                ("Set the room up", "Welcome people", "Put the room in order"),
            ),
        },
        (ShiftTime(-60, 60, 4), ShiftTime(-30, 60, 2), ShiftTime(150, 45, 4)),
        most_guests=5,
    ),
    EventKind.LEAFLETING: EventTemplate(
        time(10),
        120,
        {
            "fr": Words(
                "Tractage au marché",
                "On distribue le dernier tract et on discute avec les gens. Les tracts sont fournis. "
                "Si c’est votre première fois, vous commencez à deux.",
                ("Tracter, première heure", "Tracter, deuxième heure"),
            ),
            "en": Words(
                "Leafleting at the market",
                "We hand out the latest leaflet and talk with people. We bring the leaflets. "
                "If it is your first time, you begin together with somebody.",
                ("Hand out leaflets, first hour", "Hand out leaflets, second hour"),
            ),
        },
        (ShiftTime(0, 60, 2), ShiftTime(60, 60, 2)),
    ),
    EventKind.CANVASSING: EventTemplate(
        time(17, 30),
        150,
        {
            "fr": Words(
                "Porte-à-porte",
                "On se retrouve pour un quart d’heure d’explications, puis on part à deux. Prévoyez de bonnes chaussures.",
                questions=(
                    QuestionDraft("En avez-vous déjà fait ?", "yes_no"),
                    QuestionDraft("Avec qui souhaitez-vous faire équipe ?"),
                ),
            ),
            "en": Words(
                "Door-to-door",
                "We begin with a quarter of an hour of explanations, then go in pairs. Wear good shoes.",
                questions=(
                    QuestionDraft("Have you done this before?", "yes_no"),
                    QuestionDraft("With whom would you like to go?"),
                ),
            ),
        },
    ),
    EventKind.DEBATE: EventTemplate(
        time(19),
        120,
        {
            "fr": Words(
                "Débat",
                "Une question, deux points de vue, puis la parole à la salle.\n\nLa question :",
                questions=(QuestionDraft("Une question que vous aimeriez poser ?"),),
            ),
            "en": Words(
                "Debate",
                "One question, two points of view, then it is the room’s turn.\n\nThe question:",
                questions=(QuestionDraft("Is there something that you would like to ask?"),),
            ),
        },
        most_guests=5,
    ),
    EventKind.TRAINING: EventTemplate(
        time(9, 30),
        180,
        {
            "fr": Words(
                "Formation",
                "Ce que vous saurez faire en sortant :\n\nAucune connaissance préalable n’est demandée.",
                questions=(QuestionDraft("Qu’aimeriez-vous apprendre en priorité ?"),),
            ),
            "en": Words(
                "Training",
                "What you will be able to do afterwards:\n\nYou need not know anything beforehand.",
                questions=(QuestionDraft("What would you like to learn first of all?"),),
            ),
        },
    ),
    EventKind.CONVIVIAL: EventTemplate(
        time(18, 30),
        180,
        {
            "fr": Words(
                "Apéro de la section",
                "Un moment pour se retrouver et faire connaissance. On apporte quelque chose à partager, "
                "et les enfants sont les bienvenus.",
                ("Installer", "Ranger"),
                (QuestionDraft("Qu’apportez-vous ?", "choice", ("À boire", "Du salé", "Du sucré", "Rien cette fois")),),
            ),
            "en": Words(
                "Evening together",
                "A moment to meet and get to know each other. Everybody brings something to share; children are welcome.",
                ("Set up", "Clear up"),
                (
                    QuestionDraft(
                        "What do you bring?",
                        "choice",
                        ("Something to drink", "Something savoury", "Something sweet", "Nothing this time"),
                    ),
                ),
            ),
        },
        (ShiftTime(-45, 45, 3), ShiftTime(180, 45, 3)),
        most_guests=5,
    ),
    EventKind.ONLINE: EventTemplate(
        time(20, 30),
        90,
        {
            "fr": Words(
                "Réunion en ligne",
                "À l’ordre du jour :\n- les nouvelles de la section\n- les actions à venir\n\n"
                "La salle ouvre dix minutes avant.",
            ),
            "en": Words(
                "Online meeting",
                "On the agenda:\n- news of the section\n- what we do next\n\nThe room opens ten minutes before.",
            ),
        },
    ),
    EventKind.OTHER: EventTemplate(time(18), 120, {"fr": Words("", ""), "en": Words("", "")}),
}
