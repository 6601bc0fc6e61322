"""The indexes of words, which are no tables of the ORM's: what makes them, in each database. models/search.py uses them.

Each table whose rows are found by words has an index of its own, so that looking for people does not wade through posts.
Source: sqlite.org/fts5.html; postgresql.org/docs/current/textsearch.html
"""

from collections.abc import Iterator

FOUND_TABLES = ("event", "post", "actor")
# Pages of posts differ at their end, and no index needs more than that: p.url is looked for among those that end so.
PAGE_ENDING_CHARACTERS = 16
PAGE_ENDING_IN_SQLITE = f"substr(url, -{PAGE_ENDING_CHARACTERS})"
PAGE_ENDING_IN_POSTGRES = f"right(url, {PAGE_ENDING_CHARACTERS})"


def _of_each(*statements: str) -> Iterator[str]:
    return (statement.format(table=table) for table in FOUND_TABLES for statement in statements)


WORDS_IN_SQLITE = (
    *_of_each(
        "CREATE VIRTUAL TABLE IF NOT EXISTS {table}_words USING fts5(words, columnsize = 0, tokenize = 'unicode61')",
        "CREATE TRIGGER IF NOT EXISTS {table}_not_found AFTER DELETE ON {table} "
        "BEGIN DELETE FROM {table}_words WHERE rowid = old.id; END",
    ),
    "CREATE TRIGGER IF NOT EXISTS actor_hidden AFTER UPDATE OF gone_at, is_suspended ON actor "
    "WHEN new.gone_at IS NOT NULL OR new.is_suspended "
    "BEGIN DELETE FROM actor_words WHERE rowid = new.id; END",
    f"CREATE INDEX IF NOT EXISTS post_page ON post ({PAGE_ENDING_IN_SQLITE})",
)
WORDS_IN_POSTGRES = (
    *_of_each(
        "CREATE TABLE IF NOT EXISTS {table}_words (id BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)",
        "CREATE INDEX IF NOT EXISTS {table}_words_found ON {table}_words USING gin (words)",
        "CREATE OR REPLACE FUNCTION {table}_not_found() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN DELETE FROM {table}_words WHERE id = OLD.id; RETURN OLD; END'",
        "CREATE OR REPLACE TRIGGER {table}_not_found AFTER DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION {table}_not_found()",
    ),
    "CREATE OR REPLACE TRIGGER actor_hidden AFTER UPDATE OF gone_at, is_suspended ON actor FOR EACH ROW "
    "WHEN (NEW.gone_at IS NOT NULL OR NEW.is_suspended) EXECUTE FUNCTION actor_not_found()",
    "CREATE INDEX IF NOT EXISTS post_tag_beginning ON post_tag (name text_pattern_ops)",
    f"CREATE INDEX IF NOT EXISTS post_page ON post ({PAGE_ENDING_IN_POSTGRES})",
)
