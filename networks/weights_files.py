"""Files of weights: where they are looked for, and what names their content."""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from pathlib import Path

from networks.names import is_official

__all__ = ["find_weights", "identity_of", "places"]

PIECE = 1 << 22  # bytes read at a time


def places() -> dict[str, Path]:
    """Return the folders that files of weights are looked for in, each under the name a user knows it by.

    First ``$SUITE_WEIGHTS``, then the cache of torch hub (``$TORCH_HOME/hub/checkpoints``).
    """
    found = {}
    if os.environ.get("SUITE_WEIGHTS"):
        found["$SUITE_WEIGHTS"] = Path(os.environ["SUITE_WEIGHTS"]).expanduser()
    cache = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")) / "torch"
    home = Path(os.environ.get("TORCH_HOME", cache)).expanduser()
    found["torch's cache"] = home / "hub" / "checkpoints"
    return found


def find_weights(file: str) -> Path | None:
    """Return the file of that path or name, the first one there is, or None."""
    given = Path(file).expanduser()
    candidates = [given, *(folder / given for folder in places().values())]
    return next((path for path in candidates if path.is_file()), None)


def identity_of(weights: str) -> str | None:
    """Return what names weights: a published name, or the SHA-256 of a file; None if it is not there.

    Published weights are named by their set: torchvision's never change under one name.
    """
    if weights == "random" or is_official(weights):
        return weights
    path = find_weights(weights)
    if path is None:
        return None
    status = path.stat()
    return _digest(path, status.st_size, status.st_mtime_ns)


@lru_cache
def _digest(path: Path, size: int, modified: int) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()
