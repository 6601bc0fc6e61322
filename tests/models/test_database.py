"""Opening the database, and what two SQL dialects need said in common."""

from typing import Any

import pytest
from tortoise.transactions import in_transaction

from models import database
from models.setting import Setting
from tests import databases


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///relative.db", "relative.db"),
        ("sqlite:////var/lib/coopole.db", "/var/lib/coopole.db"),
        ("sqlite:///a%20folder/b.db", "a folder/b.db"),
        ("sqlite://:memory:", ":memory:"),
    ],
)
def test_a_sqlite_url_names_a_file(url: str, path: str) -> None:
    connection = database.configuration(url)["connections"]["default"]
    assert connection == {"engine": "models.sqlite", "credentials": {"file_path": path}}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgres://zoe:s%40cret@db.test:5433/main", {"host": "db.test", "port": 5433, "database": "main"}),
        ("postgres://zoe:s%40cret@db.test:5433/main", {"user": "zoe", "password": "s@cret"}),
        ("postgresql:///main?host=/run/pg&user=zoe", {"host": "/run/pg", "port": 5432, "user": "zoe"}),
        ("postgres:///main", {"host": "localhost", "user": "postgres", "password": "", "database": "main"}),
        ("postgres://db.test/main?sslmode=require", {"ssl": "require"}),
    ],
)  # fmt: skip
def test_a_postgres_url_names_a_server(url: str, expected: dict[str, Any]) -> None:
    credentials = database.configuration(url, pool_size=3)["connections"]["default"]["credentials"]
    assert {name: credentials[name] for name in expected} == expected
    assert (credentials["minsize"], credentials["maxsize"]) == (1, 3)


@pytest.mark.parametrize("url", ["", "mysql://db.test/coopole", "coopole.db", "sqlite", "http://db.test"])
def test_any_other_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="must begin with"):
        database.configuration(url)


async def test_a_migrated_database_lacks_nothing(db: str) -> None:
    assert await database.pending_migrations() == []


async def test_an_empty_database_lacks_every_migration(tmp_path: Any) -> None:
    url = f"sqlite:///{tmp_path}/empty.db"
    await database.open_database(url)
    try:
        assert await database.pending_migrations()
    finally:
        await database.close_database()


async def test_one_spelling_of_parameters_serves_both_dialects(db: str) -> None:
    [row] = await database.select("SELECT $2::bigint AS b, $1::bigint AS a, $1::bigint AS again", 1, 2)
    assert (row["a"], row["b"], row["again"]) == (1, 2, 1)


async def test_more_than_nine_parameters_are_told_apart(db: str) -> None:
    values = list(range(1, 13))
    sql = "SELECT " + ", ".join(f"${number}::bigint AS c{number}" for number in values)
    [row] = await database.select(sql, *values)
    assert [row[f"c{number}"] for number in values] == values


async def test_changed_rows_are_counted(db: str) -> None:
    for name in ("a", "b"):
        await Setting.write(name, 1)
    assert await database.execute("UPDATE setting SET value = $1", "2") == 2
    assert await database.execute("UPDATE setting SET value = $1 WHERE name = $2", "3", "none") == 0
    assert await database.execute("DELETE FROM setting WHERE name = $1", "a") == 1


def test_placeholders_are_numbered_from_where_one_says() -> None:
    assert database.placeholders(3) == "$1,$2,$3"
    assert database.placeholders(2, 11) == "$11,$12"
    assert database.placeholders(0) == ""


async def test_the_dialect_is_known(db: str) -> None:
    assert database.is_postgres() is (databases.KIND == "postgres")


async def test_within_a_transaction_hand_written_sql_is_part_of_it(db: str) -> None:
    async def write_and_fail() -> None:
        async with in_transaction():
            await database.execute("INSERT INTO setting (name, value) VALUES ($1, $2)", "a", "1")
            assert await Setting.read("a") == 1
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await write_and_fail()
    assert await Setting.read("a") is None
