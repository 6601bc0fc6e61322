"""Two bovine peers in conversation, before ours takes part: what one says, the other verifies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from tests.peers import wheels
from tests.peers.bovine_peer import FOLDER, INSTALL_COMMAND, BovineError, BovinePeer, require_bovine

Pair = tuple[BovinePeer, BovinePeer]


@pytest.fixture(scope="module")
def bovines() -> Iterator[Pair]:
    """Two peers."""
    require_bovine()
    with BovinePeer("marguerite") as here, BovinePeer("blanchette") as there:
        yield here, there


async def test_a_follow_is_accepted_and_a_note_arrives(bovines: Pair) -> None:
    here, there = bovines
    found = await there.lookup(here.handle)
    follow = await there.follow(found["id"])
    await there.wait(type="Accept", object=follow["id"])
    note = await here.note("<p>Bonjour</p>")

    create = await there.wait(type="Create", object=note["object_id"])

    assert (create["signed_by"], create["is_proven"]) == (here.actor_uri, None)
    assert create["activity"]["object"]["content"] == "<p>Bonjour</p>"


async def test_what_nobody_signed_is_refused_and_remembered_as_such(bovines: Pair) -> None:
    here, there = bovines
    forged = {"id": f"{here.origin}/things/forged", "type": "Like", "actor": here.actor_uri, "object": there.actor_uri}

    async with aiohttp.ClientSession() as session, session.post(f"{there.origin}/inbox", json=forged) as response:
        assert response.status == 401

    refused = await there.wait(type="Like", object=there.actor_uri, verified=False)
    assert (refused["id"], refused["signed_by"]) == (forged["id"], None)


async def test_a_peer_never_leaves_this_machine(bovines: Pair) -> None:
    with pytest.raises(BovineError, match="refused to leave this machine"):
        await bovines[0].get("https://example.org/users/amina")


def test_missing_packages_skip_the_test_with_the_command_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)

    with (
        pytest.warns(UserWarning, match=INSTALL_COMMAND),
        pytest.raises(pytest.skip.Exception, match=INSTALL_COMMAND),
    ):
        require_bovine(tmp_path)


def test_missing_packages_are_an_error_in_ci(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")

    with pytest.raises(BovineError, match=INSTALL_COMMAND):
        require_bovine(tmp_path)


def test_packages_of_another_lock_do_not_count_as_installed(tmp_path: Path) -> None:
    (tmp_path / wheels.LOCK).write_text((FOLDER / wheels.LOCK).read_text())
    wheels.packages(tmp_path).mkdir()
    (wheels.packages(tmp_path) / wheels.LOCK).write_text("bovine==0.5.18\n")

    assert not wheels.is_installed(tmp_path)
