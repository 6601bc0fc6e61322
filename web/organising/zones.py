"""The time zones of a form: those of France with all its territories, and whichever stands there already."""

from collections.abc import Sequence

FRENCH = (
    "Europe/Paris",
    "America/Guadeloupe",
    "America/Martinique",
    "America/Cayenne",
    "America/St_Barthelemy",
    "America/Marigot",
    "America/Miquelon",
    "Indian/Reunion",
    "Indian/Mayotte",
    "Pacific/Noumea",
    "Pacific/Tahiti",
    "Pacific/Marquesas",
    "Pacific/Gambier",
    "Pacific/Wallis",
    "UTC",
)


def zones_with(zone: str) -> Sequence[str]:
    """List the zones to choose from."""
    return FRENCH if zone in FRENCH or not zone else (*FRENCH, zone)
