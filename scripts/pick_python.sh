#!/usr/bin/env bash
# Prints the Python that the virtual environment is made with, or a sentence on what is missing.
set -euo pipefail

newest_tried=14
found_without_venv=""
candidates=("${PYTHON:-}" python3)
for minor in $(seq "$newest_tried" -1 11); do
  candidates+=("python3.$minor")
done
if [[ -n "${PYTHON:-}" ]]; then
  candidates=("$PYTHON")
fi

for candidate in "${candidates[@]}"; do
  "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
  if "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
    command -v "$candidate"
    exit 0
  fi
  found_without_venv="$candidate"
done

if [[ -n "$found_without_venv" ]]; then
  echo "$found_without_venv lacks its venv module: run 'apt-get install python3-venv' (as root)" \
    "and then make again." >&2
elif [[ -n "${PYTHON:-}" ]]; then
  echo "PYTHON=$PYTHON is no Python of 3.11 or later: name another, as in" \
    "'make setup PYTHON=python3.12'." >&2
else
  echo "No Python of 3.11 or later is on PATH: run 'apt-get install python3 python3-venv'" \
    "(as root), or name one, as in 'make setup PYTHON=/opt/python3.12/bin/python3'." >&2
fi
exit 1
