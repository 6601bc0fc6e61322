"""Finding hashtags by how they begin, as far as public posts bear them; those on many posts come first."""

from federation.markup import MAX_TAG_CHARS, normalise_tag
from models import database

MOST_ALIKE = 200
_LAST = "\U0010ffff"


async def found(text: str, *, limit: int, offset: int = 0) -> list[str]:
    """Name the hashtags that begin so, in their canonical form."""
    beginning = normalise_tag(text)
    if not beginning or len(beginning) > MAX_TAG_CHARS or not beginning.isprintable() or " " in beginning:
        return []
    # Letter by letter, whatever the language of the database is: the index of PostgreSQL's is in models/words.py.
    least, below = ("~>=~", "~<~") if database.is_postgres() else (">=", "<")
    sql = _FOUND.format(least=least, below=below, most=MOST_ALIKE)
    return [row["name"] for row in await database.select(sql, beginning, beginning + _LAST, limit, offset)]


_FOUND = """
SELECT f.name FROM (
  SELECT name, COUNT(*) AS uses FROM post_tag WHERE name {least} $1 AND name {below} $2
  GROUP BY name ORDER BY uses DESC, name LIMIT {most}) AS f
WHERE EXISTS (
  SELECT 1 FROM post_tag t JOIN post p ON p.id = t.post_id JOIN actor a ON a.id = p.actor_id
  WHERE t.name = f.name AND p.visibility = 'public' AND NOT a.is_silenced AND NOT a.is_suspended
  AND a.blocked_at IS NULL AND a.gone_at IS NULL)
ORDER BY f.uses DESC, f.name LIMIT $3::bigint OFFSET $4::bigint
"""
