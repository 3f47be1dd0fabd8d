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
# visqol's speech mode needs no libsvm, which has no wheels (installed with `--no-deps`), and the
# newest strenum says itself that it is not for Python 3.11, which uv does not heed.
compile --group bench --constraints requirements/dev.lock --overrides <(
  echo "libsvm-official; sys_platform == 'never'"
  echo "backports-strenum<1.3"
) --output-file requirements/bench.lock
compile --group node --output-file requirements/node.lock
compile --group lock --output-file requirements/lock.lock
