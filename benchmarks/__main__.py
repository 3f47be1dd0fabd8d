"""Runs every benchmark one after the other: `python -m benchmarks [--quick] [--dry] [--only …]`.

Each is a process of its own, so that one that cannot run on this machine takes no other with it.
"""

import argparse
import subprocess
import sys
import time

from benchmarks.pages import PAGES


def main() -> int:
    """Run them; 1 when one could not."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="small subsets, about 8 minutes")
    parser.add_argument("--dry", action="store_true", help="print, and keep no history")
    parser.add_argument("--only", default=",".join(PAGES), help="which, with commas between")
    given = parser.parse_args()
    unknown = set(given.only.split(",")) - set(PAGES)
    if unknown:
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}: {', '.join(PAGES)}")
    passed_on = [word for word in ("--quick", "--dry") if getattr(given, word[2:])]
    failed = []
    for name in given.only.split(","):
        start_s = time.monotonic()
        print(f"== {name}", flush=True)
        command = [sys.executable, "-m", f"benchmarks.{name}", *passed_on]
        if subprocess.run(command, check=False).returncode:
            failed.append(name)
        print(f"== {name} took {time.monotonic() - start_s:.0f} s", flush=True)
    if failed:
        print(f"These could not run, see above: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
