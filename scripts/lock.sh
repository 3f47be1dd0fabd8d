#!/usr/bin/env bash
# Writes the locks of every Python dependency, with hashes, for all platforms, naming no registry.
set -euo pipefail

cd "$(dirname "$0")/.."
uv="${UV:-.venv/bin/uv}"

compile() {
  "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-emit-find-links --no-header --no-annotate \
    --override requirements/left_out.txt "$@"
}

# The wider set is solved first, so that what is tested is what is run.
compile pyproject.toml --group dev --output-file requirements/dev.lock
compile pyproject.toml --group build --constraints requirements/dev.lock \
  --output-file requirements/run.lock
compile --group node --output-file requirements/node.lock
compile --group lock --output-file requirements/lock.lock
