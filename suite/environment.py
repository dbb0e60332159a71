"""What a run was made with: versions, commit and hardware; no user or host name."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from suite.executors import available_cores

__all__ = ["describe_environment", "suite_version"]

PACKAGES = (
    "numpy",
    "scipy",
    "pandas",
    "pyarrow",
    "scikit-learn",
    "scikit-image",
    "xgboost",
    "numba",
    "pywavelets",
    "pyradiomics",
    "pillow",
    "pydicom",
    "torch",
    "torchvision",
    "matplotlib",
)


def describe_environment() -> dict[str, Any]:
    """Return versions of Python, the suite and its libraries, the commit, processor, cores and memory.

    Examples
    --------
    >>> describe_environment()["packages"]["numpy"].split(".")[0]
    '2'
    """
    return {
        "suite": suite_version(),
        "commit": _commit(),
        "python": platform.python_version(),
        "platform": platform.platform(terse=True),
        "processor": _processor(),
        "cores": available_cores(),
        "memory_gib": _memory_gib(),
        "packages": {name: found for name in PACKAGES if (found := _version(name)) is not None},
    }


def suite_version() -> str:
    """Return the version of the installed suite."""
    return _version("radsuite") or "unknown (not installed)"


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _commit() -> str | None:
    folder = Path(__file__).parent.parent
    if not (folder / ".git").exists():
        return None
    try:
        command = ["git", "-C", str(folder), "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
        return subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _memory_gib() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (AttributeError, OSError, ValueError):
        return None
