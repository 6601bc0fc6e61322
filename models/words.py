"""The index of words, which is no table of the ORM's: what makes it, in each database. models/search.py uses it.

Source: sqlite.org/fts5.html; postgresql.org/docs/current/textsearch.html
"""

FOUND_TABLES = ("event",)

WORDS_IN_SQLITE = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS search_text USING fts5(kind UNINDEXED, words, tokenize = 'unicode61')",
    *(
        f"CREATE TRIGGER IF NOT EXISTS {table}_not_found AFTER DELETE ON {table} "
        "BEGIN DELETE FROM search_text WHERE rowid = old.id; END"
        for table in FOUND_TABLES
    ),
)
WORDS_IN_POSTGRES = (
    "CREATE TABLE IF NOT EXISTS search_text (id BIGINT PRIMARY KEY, kind VARCHAR(16) NOT NULL, words TSVECTOR NOT NULL)",
    "CREATE INDEX IF NOT EXISTS search_text_words ON search_text USING gin (words)",
    "CREATE OR REPLACE FUNCTION not_found() RETURNS trigger LANGUAGE plpgsql AS "
    "'BEGIN DELETE FROM search_text WHERE id = OLD.id; RETURN OLD; END'",
    *(
        f"CREATE OR REPLACE TRIGGER {table}_not_found AFTER DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION not_found()"
        for table in FOUND_TABLES
    ),
)
