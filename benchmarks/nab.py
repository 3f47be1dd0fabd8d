"""The watch's usual level on series of the Numenta Anomaly Benchmark, with NAB's own scorer.

    python -m benchmarks.nab NAB_FOLDER [--dry] [--tuned]

NAB_FOLDER is a checkout of github.com/numenta/NAB: its data is not in this repository. Score and
profile are NAB's (`nab/sweeper.py`, which `nab/scorer.py` calls for each file; `standard` of
`config/profiles.json`), the threshold is fixed. A group's score is 100 (s + n) / 2n, s being the
sum of its files' and n its windows: 0 for an alarm never, 100 for every window at its beginning.
"""

import argparse
import csv
import importlib.util
import json
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
from benchmarks import pages
from benchmarks.figures import Case, keep, line_of
from benchmarks.nab_detector import THRESHOLD, scores
from benchmarks.page_nab import group

TUNED: Final = (
    "realTweets/Twitter_volume_AAPL.csv",
    "realTweets/Twitter_volume_AMZN.csv",
    "realTweets/Twitter_volume_CRM.csv",
    "realTweets/Twitter_volume_CVS.csv",
    "realTweets/Twitter_volume_FB.csv",
    "realKnownCause/cpu_utilization_asg_misconfiguration.csv",
    "realAWSCloudwatch/elb_request_count_8c0756.csv",
)
"""Windows, threshold and the hold were chosen with these alone."""
TAXI: Final = "realKnownCause/nyc_taxi.csv"
TWEETS: Final = "realTweets"


def main() -> int:
    """Score the files, keep the line, write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?", help="a checkout of numenta/NAB")
    parser.add_argument("--quick", action="store_true", help="changes nothing: it takes minutes")
    parser.add_argument("--dry", action="store_true", help="print, and keep no history")
    parser.add_argument("--tuned", action="store_true", help="only the series tuned on")
    given = parser.parse_args()
    if given.folder is None:
        print("Left out: it takes the folder of a checkout of github.com/numenta/NAB.")
        return 0
    if not (given.folder / "nab" / "sweeper.py").exists():
        print(f"{given.folder} is no checkout of github.com/numenta/NAB.", file=sys.stderr)
        return 1
    cases = measure(given.folder, tuned_only=given.tuned)
    for case in cases:
        print(case, flush=True)
    if given.tuned:
        print("tuned on", group(cases))
        return 0
    line = line_of("nab", {"cases": cases, "threshold": THRESHOLD})
    print(pages.whole("nab", pages.PAGES["nab"]([line]), line))
    if not given.dry:
        keep(line)
        pages.write("nab")
    return 0


def measure(folder: Path, *, tuned_only: bool) -> list[Case]:
    """A case for each file: score, windows, windows seen, false alarms."""
    windows = json.loads((folder / "labels" / "combined_windows.json").read_text())
    others = [name for name in windows if name.startswith(TWEETS) or name == TAXI]
    names = TUNED if tuned_only else tuple(dict.fromkeys((*TUNED, *others)))
    sweeper = _sweeper(folder)
    return [_one(folder, name, windows[name], sweeper) for name in names]


def _sweeper(folder: Path) -> Any:  # noqa: ANN401 - a class of NAB's
    spec = importlib.util.spec_from_file_location("nab_sweeper", folder / "nab" / "sweeper.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(folder)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    profiles = json.loads((folder / "config" / "profiles.json").read_text())
    return module.Sweeper(costMatrix=profiles["standard"]["CostMatrix"])


def _one(folder: Path, name: str, windows: Sequence[Sequence[str]], sweeper: Any) -> Case:  # noqa: ANN401 - as above
    with (folder / "data" / name).open() as file:
        rows = list(csv.reader(file))[1:]
    times = [datetime.fromisoformat(row[0]) for row in rows]
    values = np.array([float(row[1]) for row in rows])
    utc_s = np.array([one.replace(tzinfo=UTC).timestamp() for one in times])
    start_s = time.process_time()
    score = scores(values, int(utc_s[0]), int(np.median(np.diff(utc_s))))
    spent_s = time.process_time() - start_s
    limits = [tuple(datetime.fromisoformat(one) for one in window) for window in windows]
    asked = (times, [float(one) for one in score], limits, name)
    _, row = sweeper.scoreDataSet(*asked, THRESHOLD)
    points = sweeper.calcSweepScore(*asked)
    alarms = [one for one in points if one.anomalyScore >= THRESHOLD]
    seen = {one.windowName for one in alarms} - {None, "probationary"}
    return {
        "file": name,
        "tuned": name in TUNED,
        "score": round(row.score, 3),
        "windows": len(windows),
        "seen": len(seen),
        "false": sum(one.windowName is None for one in alarms),
        "points": len(values),
        "us": round(1e6 * spent_s / len(values), 1),
    }


if __name__ == "__main__":
    sys.exit(main())
