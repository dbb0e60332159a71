"""The run directory: may it be used, what is written beside the tables, and is it complete."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from suite.content_key import content_key
from suite.engine import Outcome
from suite.environment import suite_version
from suite.errors import RunDirectoryError
from suite.preparation import Ready
from suite.resolved import resolved
from suite.results import FORMAT
from suite.store import Store, write_atomically
from suite.yaml_reader import dump_yaml

__all__ = [
    "check_run_directory",
    "digest_of",
    "forget_completion",
    "is_complete",
    "mark_complete",
    "store_for",
    "write_environment",
    "write_facts",
    "write_failures",
]

COMPLETE = "complete.json"


def store_for(run_dir: Path) -> Store:
    """Return ``$SUITE_STORE``, shared between runs, or the run's own ``store/``."""
    shared = os.environ.get("SUITE_STORE")
    return Store(Path(shared).expanduser() if shared else run_dir / "store")


def check_run_directory(run_dir: Path) -> None:
    """Refuse a path that cannot become a run directory.

    Raises
    ------
    RunDirectoryError
        When it is a file, holds other things than a run, or cannot be written to.
    """
    if run_dir.exists() and not run_dir.is_dir():
        raise RunDirectoryError(f"{run_dir}: this is a file; a run is written into a folder (--out).")
    known = {"grid.resolved.yaml", "store", "results"}
    if run_dir.is_dir():
        entries = {entry.name for entry in run_dir.iterdir()}
        if entries and not entries & known:
            raise RunDirectoryError(
                f"{run_dir}: this folder holds other things than a run; name another (--out)."
            )
    try:
        run_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunDirectoryError(f"{run_dir}: cannot be made ({error.strerror}).") from None
    if not os.access(run_dir, os.W_OK | os.X_OK):
        raise RunDirectoryError(f"{run_dir}: cannot be written to.")


def write_facts(ready: Ready, grid_file: Path, run_dir: Path) -> None:
    """Write the grid as given and as resolved, and the findings."""
    write_atomically(run_dir / "grid.yaml", grid_file.read_bytes())
    write_atomically(run_dir / "grid.resolved.yaml", dump_yaml(resolved(ready.grid)).encode())
    findings = [finding.as_dict() for finding in ready.findings]
    write_atomically(run_dir / "audit.json", _json({"findings": findings}))


def write_failures(outcome: Outcome, run_dir: Path) -> None:
    """Write the tracebacks of what failed, for whoever wrote the plugin; none: no file."""
    path = run_dir / "failures.txt"
    if not outcome.failures:
        path.unlink(missing_ok=True)
        return
    unique = {failure.details: failure.reason for failure in outcome.failures.values()}
    text = "\n\n".join(f"{reason}\n{'-' * 80}\n{details}" for details, reason in unique.items())
    write_atomically(path, text.encode())


def write_environment(facts: Mapping[str, Any], run_dir: Path) -> None:
    """Write versions, hardware and how the run was called."""
    write_atomically(run_dir / "environment.json", _json(facts))


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()


def mark_complete(run_dir: Path, digest: str) -> None:
    """Note that results and report are those of a plan; a run that changes nothing then leaves them alone."""
    write_atomically(run_dir / COMPLETE, _json({"digest": digest, "tables": _table_digests(run_dir)}))


def forget_completion(run_dir: Path) -> None:
    """Remove that note, before anything that it vouches for is written anew."""
    (run_dir / COMPLETE).unlink(missing_ok=True)


def digest_of(ready: Ready) -> str:
    """Hash everything that results and report are made of, but for the stored predictions themselves."""
    cells = [[*cell.names.values(), cell.role, cell.key] for cell in ready.plan.cells]
    findings = [finding.as_dict() for finding in ready.findings]
    return content_key(FORMAT, suite_version(), resolved(ready.grid), cells, findings)


def _table_digests(run_dir: Path) -> dict[str, str]:
    """Hash the result tables, so that one that was lost or damaged is noticed and written again."""
    tables = sorted((run_dir / "results").glob("*.parquet"))
    return {path.name: hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest() for path in tables}


def is_complete(run_dir: Path, digest: str) -> bool:
    """Tell whether the result tables and the report of a plan are all there."""
    try:
        noted = json.loads((run_dir / COMPLETE).read_bytes())
        return noted["digest"] == digest and noted["tables"] == _table_digests(run_dir)
    except (OSError, ValueError, KeyError, TypeError):
        return False
