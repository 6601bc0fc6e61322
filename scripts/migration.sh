#!/usr/bin/env bash
# Writes the initial migration anew from the models: there is one until the first release, and then one for each change.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/migration_settings.py" <<END
from models.database import configuration

TORTOISE_ORM = configuration("sqlite:///$folder/empty.db")
END
rm -f models/migrations/0*.py
PYTHONPATH=".:$folder" .venv/bin/tortoise -c migration_settings.TORTOISE_ORM makemigrations
sed -i -e 's/^class Migration(migrations.Migration):/class Migration(FirstTables):/' \
  -e 's/^from tortoise import migrations$/from models.creating import FirstTables/' models/migrations/0001_initial.py
.venv/bin/ruff check --quiet --fix-only --select I models/migrations
.venv/bin/ruff format --quiet models/migrations
