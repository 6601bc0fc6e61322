"""JSON as no honest server writes it: any value in any place, for the property tests of everything that reads."""

from typing import Any

from hypothesis import strategies as st

HUGE = 10**400
ODD_STRINGS = [
    "",
    " ",
    "\x00",
    "https://",
    "https://far.test/\x00",
    "https://far.test/" + "a" * 3000,
    "https://[::1",
    "https://far.test:99999/",
    "https://user:secret@far.test/",
    "javascript:alert(1)",
    "as:Public",
    "9999-12-31T23:59:59+14:00",
    "0001-01-01T00:00:00-14:00",
    "2026-02-30",
    "<script>alert(1)</script>",
    "\u202edesrever",
]  # fmt: skip

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([HUGE, -HUGE, 2**63, 2**64, 1e308, -0.0])
    | st.floats(allow_nan=False)
    | st.text(max_size=40)
    | st.sampled_from(ODD_STRINGS)
)
NAMES = ["id", "@id", "href", "type", "url", "name", "content", "en", "object", "actor", "items"]
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), inner),
    max_leaves=12,
)
objects = st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), values, max_size=8)


@st.composite
def damaged(draw: st.DrawFn, document: dict[str, Any], *, most: int = 4) -> dict[str, Any]:
    """A good document with up to `most` of its properties, or properties of those, replaced by anything."""
    result = dict(document)
    for name in draw(st.lists(st.sampled_from(sorted(document)), min_size=1, max_size=most, unique=True)):
        value = result[name]
        if isinstance(value, dict) and value and draw(st.booleans()):
            result[name] = value | {draw(st.sampled_from(sorted(value))): draw(values)}
        elif isinstance(value, list) and value and draw(st.booleans()):
            result[name] = [*value, draw(values)]
        else:
            result[name] = draw(values)
    return result


def nested(levels: int) -> Any:
    """A list in a list in a list."""
    value: Any = "bottom"
    for _ in range(levels):
        value = [value]
    return value
