"""Backups of an SQLite server: what is in them, and what is refused. PostgreSQL is in tests/scenarios/test_backup.py."""

import os
from pathlib import Path
from zipfile import ZipFile

import pytest

from federation.context import Context
from models.actor import Actor
from server.cli.backups import PASSPHRASE
from server.cli.commands import main
from tests.databases import SqliteTemplate
from tests.server.cli.installation import SECRET, Installation, install

SEALING = "quatre mots bien choisis"
PICTURE = "3f" * 16 + ".jpg"


@pytest.fixture
def installation(sqlite_template: SqliteTemplate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """A server with a picture, and settings with a password in them."""
    folder = tmp_path / "data"
    (folder / "media" / "3f" / "3f").mkdir(parents=True)
    (folder / "media" / "3f" / "3f" / PICTURE).write_bytes(b"a picture")
    (folder / "coopole.env").write_text("COOPOLE_SMTP_URL=smtp://u:hidden@localhost:25\nCOOPOLE_WORKERS=2\n")
    folder.chmod(0o700)
    made = install(sqlite_template.fresh(), folder, monkeypatch)
    made.say(
        "init",
        "--domain",
        "lille.example",
        "--section",
        "Lille",
        "--handle",
        "lille",
        "--admin",
        "ines",
        "--password",
        "correct horse battery",
    )
    monkeypatch.setenv("COOPOLE_ORIGIN", "https://lille.example")
    return made


def names(path: Path) -> set[str]:
    with ZipFile(path) as archive:
        return set(archive.namelist())


def test_an_open_backup_holds_no_key_and_no_password(installation: Installation, tmp_path: Path) -> None:
    target = tmp_path / "copy.zip"
    said = installation.say("backup", str(target), "--no-check")
    assert "The secret key is not in it" in said
    assert target.stat().st_mode & 0o077 == 0
    assert "secret.key" not in names(target)
    assert f"media/3f/3f/{PICTURE}" in names(target)
    with ZipFile(target) as archive:
        settings = archive.read("coopole.env").decode()
    assert "hidden" not in settings
    assert {"COOPOLE_WORKERS=2", "COOPOLE_ORIGIN=https://lille.example"} <= set(settings.splitlines())
    assert not list(tmp_path.glob(".copy*"))


def test_a_sealed_backup_shows_nothing(
    installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSPHRASE, SEALING)
    target = tmp_path / "sealed.zip"
    installation.say("backup", str(target), "--sealed", "--no-check")
    assert names(target) == {"key.age", "sealed.age"}
    content = target.read_bytes()
    for word in (b"hidden", b"a picture", b"lille.example", bytes.fromhex(SECRET)):
        assert word not in content


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("there.zip",), "is there already"),
        (("nowhere/copy.zip",), "cannot be written"),
    ],
)
def test_what_cannot_be_written_is_said(
    installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.zip").write_bytes(b"mine")
    done = installation.run("backup", *arguments)
    assert done.exit_code != 0
    assert said in str(done.exception)
    assert (tmp_path / "there.zip").read_bytes() == b"mine"


def test_the_newest_are_kept(installation: Installation, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    others = ("coopole-lille.example-x.zip", "coopole-brest.example-2025-01-01-000000.zip", "notes.txt")
    for name in (*others, *(f"coopole-lille.example-2025-01-0{day}-030000.zip" for day in range(1, 5))):
        (folder / name).write_bytes(b"old")
    installation.say("backup", str(folder), "--keep", "2", "--no-check")
    left = {path.name for path in folder.iterdir()}
    assert set(others) <= left
    assert len(left) == len(others) + 2
    assert "coopole-lille.example-2025-01-04-030000.zip" in left


def test_a_short_passphrase_is_refused(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSPHRASE, "short")
    assert "12 characters at least" in str(installation.run("backup", "--sealed").exception)


def test_nobody_to_ask_is_said(installation: Installation) -> None:
    assert "nobody is here to type" in str(installation.run("backup", "--sealed").exception)


def test_where_no_server_is_nothing_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COOPOLE_SECRET_KEY", "COOPOLE_DATA", "COOPOLE_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.argv", ["coopole", "backup", "--data", str(tmp_path)])
    with pytest.raises(SystemExit):
        main()
    assert list(tmp_path.iterdir()) == []


class TestRestoring:
    """From an open and from a sealed backup."""

    @pytest.fixture
    def key(self, tmp_path: Path) -> Path:
        """A copy of the secret key."""
        path = tmp_path / "kept.key"
        path.write_bytes(bytes.fromhex(SECRET))
        return path

    @pytest.fixture
    def made(self, installation: Installation, tmp_path: Path) -> Path:
        """An open backup, tried."""
        path = tmp_path / "copy.zip"
        assert "tried" in installation.say("backup", str(path))
        return path

    def test_a_server_is_made_of_it(
        self, installation: Installation, made: Path, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        target = tmp_path / "new" / "data"
        said = installation.say("restore", str(made), "--data", str(target), "--key", str(key))
        assert "https://lille.example is as it was on" in said
        assert (target / "secret.key").read_bytes() == bytes.fromhex(SECRET)
        assert (target / "media" / "3f" / "3f" / PICTURE).read_bytes() == b"a picture"
        assert target.stat().st_mode & 0o077 == 0
        assert not list(target.parent.glob(".coopole-*"))
        monkeypatch.delenv("COOPOLE_SECRET_KEY")
        there = Installation({"COOPOLE_DATA": str(target)})

        async def names_of(_ctx: Context) -> list[str]:
            return sorted(actor.username for actor in await Actor.filter(is_local=True))

        assert {"ines", "lille"} <= set(there.look(names_of))

    def test_a_sealed_one_needs_no_key(
        self, installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(PASSPHRASE, SEALING)
        source, target = tmp_path / "sealed.zip", tmp_path / "new"
        installation.say("backup", str(source), "--sealed", "--no-check")
        installation.say("restore", str(source), "--data", str(target))
        assert (target / "secret.key").read_bytes() == bytes.fromhex(SECRET)
        assert "hidden" in (target / "coopole.env").read_text()
        assert "is whole" in installation.say("restore", str(source), "--check")
        monkeypatch.setenv(PASSPHRASE, "another one altogether")
        refused = installation.run("restore", str(source), "--data", str(tmp_path / "other"))
        assert "passphrase is not that of this backup" in str(refused.exception)
        assert not (tmp_path / "other").exists()

    def test_without_a_key_or_with_another_nothing_is_made(
        self, installation: Installation, made: Path, key: Path, tmp_path: Path
    ) -> None:
        target = tmp_path / "new"
        refused = installation.run("restore", str(made), "--data", str(target))
        assert "name your copy of secret.key" in str(refused.exception)
        key.write_bytes(os.urandom(32))
        refused = installation.run("restore", str(made), "--data", str(target), "--key", str(key))
        assert "key is not that of this backup" in str(refused.exception)
        key.write_bytes(b"short")
        refused = installation.run("restore", str(made), "--data", str(target), "--key", str(key))
        assert "is no secret key" in str(refused.exception)
        assert not target.exists()

    def test_a_folder_with_anything_in_it_is_left_alone(
        self, installation: Installation, made: Path, key: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "full").mkdir()
        (tmp_path / "full" / "letter.txt").write_text("mine")
        refused = installation.run("restore", str(made), "--data", str(tmp_path / "full"), "--key", str(key))
        assert "is not empty" in str(refused.exception)
        assert (tmp_path / "full" / "letter.txt").read_text() == "mine"

    def test_a_damaged_database_is_found(
        self, installation: Installation, made: Path, key: Path, tmp_path: Path
    ) -> None:
        broken = tmp_path / "broken.zip"
        with ZipFile(made) as source, ZipFile(broken, "w") as target:
            for name in source.namelist():
                content = bytearray(source.read(name))
                if name == "database/coopole.db":
                    content[4096 * 3 : 4096 * 6] = bytes(4096 * 3)
                target.writestr(name, bytes(content))
        refused = installation.run("restore", str(broken), "--data", str(tmp_path / "new"), "--key", str(key))
        assert "database of this backup is damaged" in str(refused.exception)

    def test_an_upgrade_with_nothing_to_do_says_so(self, installation: Installation) -> None:
        assert "up to date" in installation.say("upgrade")

    def test_an_upgrade_makes_a_backup_first(self, installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
        async def one() -> list[str]:
            return ["0002_more"]

        monkeypatch.setattr("models.database.pending_migrations", one)
        monkeypatch.setattr("server.cli.backups.prove", lambda _settings: _nothing())
        said = installation.say("upgrade")
        assert "Applied 1: 0002_more" in said
        assert "To go back" in said
        data = Path(installation.environment["COOPOLE_DATA"])
        assert len(list((data / "backups").glob("coopole-lille.example-*.zip"))) == 1


async def _nothing() -> None:
    """Prove nothing."""
