#!/usr/bin/env bash
# How long a newcomer waits: a bare Debian 12, the README's commands, `git clone` to the first sound.
#
#   benchmarks/newcomer.sh [--ca FILE] [--tests] FOLDER
#
# As root, with debootstrap. FOLDER becomes the root of a fresh Debian, without a cache of anything.
# --ca FILE is a certificate that the network of this machine asks for, if it does.
# --tests runs `make test` in it too, and says how long that takes.
set -euo pipefail

if [[ -z ${NEWCOMER_MOUNTS:-} ]]; then # what is mounted below goes with the process
  NEWCOMER_MOUNTS=own exec unshare --mount "$0" "$@"
fi

ca="" tests="" folder=""
while (($#)); do
  case "$1" in
    --ca) ca="$2" && shift ;;
    --tests) tests=1 ;;
    *) folder="$1" ;;
  esac
  shift
done
[[ -n $folder ]] || { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }
[[ ! -e $folder ]] || { echo "$folder is there already; name one that is not." >&2; exit 1; }
command -v debootstrap >/dev/null || { echo "Run 'apt-get install debootstrap'." >&2; exit 1; }

source="$(git -C "$(dirname "$0")" rev-parse --show-toplevel)"
certificates=()

now() { date +%s.%N; }
since() { awk -v began="$1" -v now="$(now)" 'BEGIN { printf "%.1f", now - began }'; }
inside() { # a command line of the fresh Debian, with nothing of this one's environment
  chroot "$folder" /usr/bin/env -i HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    "${certificates[@]}" bash -c "$1"
}

debootstrap --variant=minbase bookworm "$folder" >/dev/null
mkdir "$folder/source"
mount --bind "$source" "$folder/source"
for place in proc sys dev dev/pts; do mount --bind "/$place" "$folder/$place"; done
cp /etc/resolv.conf /etc/hosts "$folder/etc/"
inside "apt-get -qq update && apt-get -qq install -y ca-certificates" >/dev/null
if [[ -n $ca ]]; then
  cp "$ca" "$folder/etc/ssl/newcomer.pem"
  certificates=(PIP_CERT=/etc/ssl/newcomer.pem NODE_EXTRA_CA_CERTS=/etc/ssl/newcomer.pem)
fi

began="$(now)"
inside "apt-get -qq install -y git make python3 python3-venv" >/dev/null
printf '{"prerequisites_s": %s}\n' "$(since "$began")"

began="$(now)"
inside "git clone -q -c safe.directory='*' file:///source /root/rostra"
set -m
inside "cd /root/rostra && exec make run" >"$folder/root/run.log" 2>&1 &
running=$!
set +m
until link="$(grep -oP '^Listen to the demo:\s+\K\S+' "$folder/root/run.log")"; do
  kill -0 "$running" 2>/dev/null || { tail -5 "$folder/root/run.log" >&2; exit 1; }
  sleep 0.1
done
open="$(since "$began")"
heard="$(inside "cd /root/rostra && .venv/bin/rostra listen '$link' --seconds 3 --json")"
first="$(grep -oP '"time_to_first_sound_s": *\K[0-9.]+' <<<"$heard")"
kill -INT -- "-$running"
wait "$running" || true
printf '{"clone_to_open_s": %s, "listen_to_first_sound_s": %s}\n' "$open" "$first"

if [[ -n $tests ]]; then
  began="$(now)"
  inside "cd /root/rostra && make test" >"$folder/root/test.log" 2>&1 ||
    { tail -20 "$folder/root/test.log" >&2; exit 1; }
  printf '{"make_test_s": %s, "said": "%s"}\n' "$(since "$began")" \
    "$(grep -oP '\d+ passed[^=]*' "$folder/root/test.log" | head -1)"
fi
