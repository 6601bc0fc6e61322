"""Who takes part: three servers, each with a section and its members. Every name is made up."""

from dataclasses import dataclass

PASSWORD = "trois villes, une seule voix"  # noqa: S105 - of a demonstration on this machine alone


@dataclass(frozen=True, slots=True)
class Person:
    """A member: username, and what people call them."""

    username: str
    name: str


@dataclass(frozen=True, slots=True)
class Place:
    """A server: the handle and name of its section, where it is, and its members; the first one runs it."""

    handle: str
    section: str
    where: str
    description: str
    address: str
    people: tuple[Person, ...]


NATIONAL = Place(
    "national",
    "Bureau national",
    "Paris",
    "Le bureau national relie les sections. #coopération",
    "127.0.0.2",
    (Person("camille", "Camille"), Person("idris", "Idris")),
)
LILLE = Place(
    "lille",
    "Section de Lille",
    "Lille",
    "La section de Lille se réunit chaque mardi à 19 h.",
    "127.0.0.3",
    (Person("nadia", "Nadia"), Person("yanis", "Yanis")),
)
BREST = Place(
    "brest",
    "Section de Brest",
    "Brest",
    "La section de Brest se réunit chaque jeudi à 18 h 30.",
    "127.0.0.4",
    (Person("erwan", "Erwan"), Person("solenn", "Solenn")),
)
PLACES = (NATIONAL, LILLE, BREST)
