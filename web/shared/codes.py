"""QR codes, drawn here: a text that a telephone reads from a screen or from paper."""

import segno
from markupsafe import Markup


def drawn(text: str) -> Markup:
    """Draw a text as a QR code, in SVG that stands in the page: nobody else is asked to draw it."""
    drawing = segno.make(text, error="m", micro=False)
    svg = drawing.svg_inline(omitsize=True, dark="#000", light="#fff", border=4, svgclass="qr", lineclass=None)
    return Markup(svg)  # noqa: S704 - of numbers that segno wrote
