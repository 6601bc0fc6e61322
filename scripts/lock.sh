#!/usr/bin/env bash
# Resolve the newest versions that pyproject.toml allows and write them down: one lock to run, one more to test, and one
# for the peer on bovine, which has packages of its own.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 -m venv "$folder/run"
"$folder/run/bin/python" -m pip install --quiet --disable-pip-version-check .
python3 -m venv "$folder/test"
"$folder/test/bin/python" -m pip install --quiet --disable-pip-version-check '.[test]'
python3 -m venv "$folder/bovine"
"$folder/bovine/bin/python" -m pip install --quiet --disable-pip-version-check bovine

export LC_ALL=C
freeze() { "$1/bin/python" -m pip freeze --exclude coopole --all | grep -vE '^(pip|wheel)=='; }
freeze "$folder/run" | sort > requirements.lock
freeze "$folder/test" | sort > "$folder/all"
comm -13 requirements.lock "$folder/all" > requirements-test.lock
freeze "$folder/bovine" | grep -v '^setuptools==' | sort > tests/peers/bovine/requirements.lock
rm -rf build
