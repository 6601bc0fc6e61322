"""The peers' packages: pinned, installed once, and missed loudly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.peers import npm
from tests.peers.fedify_peer import FOLDER, INSTALL_COMMAND, FedifyError, require_fedify


def test_missing_packages_skip_the_test_with_the_command_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)

    with (
        pytest.warns(UserWarning, match=INSTALL_COMMAND),
        pytest.raises(pytest.skip.Exception, match=INSTALL_COMMAND),
    ):
        require_fedify(tmp_path)


def test_missing_packages_are_an_error_in_ci(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")

    with pytest.raises(FedifyError, match=INSTALL_COMMAND):
        require_fedify(tmp_path)


def test_packages_of_another_version_do_not_count_as_installed(tmp_path: Path) -> None:
    lock = json.loads((FOLDER / "package-lock.json").read_text())
    (tmp_path / "package-lock.json").write_text(json.dumps(lock))
    (tmp_path / "node_modules").mkdir()
    lock["packages"]["node_modules/@fedify/fedify"]["version"] = "2.3.5"
    (tmp_path / "node_modules" / ".package-lock.json").write_text(json.dumps(lock))

    assert not npm.is_installed(tmp_path)


def test_a_failed_installation_says_what_npm_said(tmp_path: Path) -> None:
    absent = {"version": "1.0.0", "resolved": "file:absent.tgz", "integrity": "sha512-AAAA"}
    root = {"name": "incomplete", "version": "1.0.0", "dependencies": {"absent": "file:absent.tgz"}}
    lock = root | {"lockfileVersion": 3, "packages": {"": root, "node_modules/absent": absent}}
    (tmp_path / "package.json").write_text(json.dumps(root))
    (tmp_path / "package-lock.json").write_text(json.dumps(lock))

    with pytest.raises(npm.NpmError, match=r"npm ci in .* failed with status \d+:[\s\S]*ENOENT"):
        npm.install(tmp_path)


def test_what_is_installed_already_is_not_installed_again() -> None:
    require_fedify()

    assert npm.install(FOLDER) is False


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((FOLDER / "package-lock.json").read_text())

    assert not [path for path, locked in lock["packages"].items() if "resolved" in locked]
    assert "registry" not in (FOLDER / "package-lock.json").read_text()
