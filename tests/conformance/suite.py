"""The official conformance suite, as released and as it comes next, held against baseline.toml."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path
from typing import NamedTuple

from tests.conformance.clients import FOLDER, MODULES, Failed, node, run

BASELINE = Path(__file__).with_name("baseline.toml")
RUNS = {
    "0.1.16": ("@modelcontextprotocol/conformance", []),
    "0.2.0-alpha.12, protocol 2025-11-25": ("conformance-next", ["--requirements", "2025-11-25"]),
    "0.2.0-alpha.12, protocol 2026-07-28": ("conformance-next", ["--requirements", "2026-07-28"]),
}


class Check(NamedTuple):
    """`name` is the scenario's and the check's own, `status` the suite's word: SUCCESS, FAILURE, WARNING (for what
    should be but need not), SKIPPED, INFO."""

    name: str
    status: str
    words: str


def try_suite(url: str) -> list[str]:
    """Run it on the server there and print how each run went. Returns what is wrong."""
    reasons = _reasons()
    wrong: list[str] = []
    seen: list[Check] = []
    for title, (package, options) in RUNS.items():
        checks = _checks(package, [*options, "--url", url])
        print(f"conformance {title}: {_summary(checks)}")
        wrong += [f"{title}: {_said(check)}" for check in checks if _is_wrong(check, reasons)]
        seen += checks
    gone = reasons.keys() - {check.name for check in seen}
    for reason in dict.fromkeys(reasons.values()):
        names = {check.name for check in seen if reasons.get(check.name) == reason}
        print(f"  {len(names):3} do not apply: {reason}")
    return wrong + [f"{name} stands in {BASELINE.name}, but there is no such check" for name in sorted(gone)]


def _is_wrong(check: Check, reasons: dict[str, str]) -> bool:
    return check.status == ("SUCCESS" if check.name in reasons else "FAILURE")


def _said(check: Check) -> str:
    return f"{check.name}: {check.words}" if check.status == "FAILURE" else f"{check.name} passes: exempt it no longer"


def _summary(checks: list[Check]) -> str:
    passed, failed, warned = (
        sum(check.status == status for check in checks) for status in ("SUCCESS", "FAILURE", "WARNING")
    )
    scenarios = {check.name.partition("/")[0] for check in checks}
    failing = {check.name.partition("/")[0] for check in checks if check.status == "FAILURE"}
    return (
        f"{len(scenarios - failing)} of {len(scenarios)} scenarios pass; "
        f"of their checks {passed} pass, {failed} fail, {warned} warn"
    )


def _reasons() -> dict[str, str]:
    """Why each check of the baseline does not apply."""
    groups = tomllib.loads(BASELINE.read_text("utf-8"))["exempt"]
    return {name: group["reason"] for group in groups for name in group["checks"]}


def _checks(package: str, options: list[str]) -> list[Check]:
    """What the suite wrote of each check. Its exit code is left: it knows of scenarios only, which hide checks."""
    results = FOLDER / "results"
    shutil.rmtree(results, ignore_errors=True)
    program = MODULES / package / "dist" / "index.js"
    done = run([node(), str(program), "server", "--output-dir", str(results), *options])
    written = sorted(results.rglob("checks.json"))
    if not written or len(written) != done.stdout.count("=== Running scenario"):
        raise Failed(f"{package} did not end: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return [check for path in written for check in _read(path)]


def _read(path: Path) -> list[Check]:
    """A folder is called after its scenario: `server-tools-list-2026-11-21T09-40-41-864Z`."""
    scenario = path.parent.name.removeprefix("server-").rsplit("-", 6)[0]
    checks = json.loads(path.read_text("utf-8"))
    return [Check(f"{scenario}/{one['id']}", one["status"], str(one.get("errorMessage", ""))) for one in checks]
