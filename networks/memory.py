"""The most memory that a piece of work takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

__all__ = ["Peak", "peak_memory"]

STATUS, REFERENCES = Path("/proc/self/status"), Path("/proc/self/clear_refs")
RESET_HIGH_WATER_MARK = "5"


class Peak:
    """Bytes beyond what was in use before; None where the system does not tell."""

    bytes: int | None = None


@contextmanager
def peak_memory(device: torch.device) -> Iterator[Peak]:
    """Measure the most memory that a block takes: of a CUDA device, else of this process (Linux)."""
    peak = Peak()
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        before: int | None = torch.cuda.memory_allocated(device)
    else:
        before = _resident("VmRSS") if _reset() else None
    yield peak
    after = torch.cuda.max_memory_allocated(device) if device.type == "cuda" else _resident("VmHWM")
    if before is not None and after is not None:
        peak.bytes = max(after - before, 0)


def _reset() -> bool:
    try:
        REFERENCES.write_text(RESET_HIGH_WATER_MARK, encoding="ascii")
    except OSError:
        return False
    return True


def _resident(name: str) -> int | None:
    try:
        lines = STATUS.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    found = [int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:")]
    return found[0] if found else None
