"""The state of a training on disk, so that an interrupted one goes on from its last epoch."""

from __future__ import annotations

import hashlib
import io
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from skorch.history import History

__all__ = ["Checkpoint", "digest_of"]

SHARE_OF_TIME = 0.05  # that may be spent on writing
DIGEST = 16  # bytes


class Checkpoint:
    """One file: weights, state of the optimiser, history.

    It is written under another name and renamed, after every epoch unless writing takes more than a
    twentieth of the time. One that is damaged, or is of another training, is not used.

    Parameters
    ----------
    path : Path
    identity : str
        Names the training: network, samples and recipe. Folds that share a file share nothing else.
    """

    def __init__(self, path: Path, identity: str) -> None:
        self._path = path
        self._identity = identity
        self._written = time.monotonic()
        self._cost = 0.0

    def save(self, net: Any) -> None:
        """Write the state after an epoch."""
        start = time.monotonic()
        if (start - self._written) * SHARE_OF_TIME < self._cost:
            return
        state = {
            "identity": self._identity,
            "weights": net.trained_state(),
            "best": net.best,
            "optimizer": net.optimizer_.state_dict(),
            "history": [_plain(row) for row in net.history],
            "stopped_early": net.stopped_early,
        }
        buffer = io.BytesIO()
        torch.save(state, buffer)
        temporary = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        self._path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(_digest(buffer.getvalue()) + buffer.getvalue())
        temporary.replace(self._path)
        self._written = time.monotonic()
        self._cost = self._written - start

    def restore(self, net: Any) -> int:
        """Put the state into a network that has been initialised; return the number of epochs done."""
        state = self._read()
        if state is None or state["identity"] != self._identity:
            self.remove()
            return 0
        net.module_.load_state_dict(state["weights"], strict=False)
        net.optimizer_.load_state_dict(state["optimizer"])
        net.best, net.stopped_early = state["best"], state["stopped_early"]
        net.history_ = History([{**row, "batches": [{}]} for row in state["history"]])
        return len(net.history)

    def _read(self) -> dict[str, Any] | None:
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return None
        if content[:DIGEST] != _digest(content[DIGEST:]):
            return None
        return torch.load(io.BytesIO(content[DIGEST:]), map_location="cpu", weights_only=True)

    def remove(self) -> None:
        """Remove the file, if there is one."""
        self._path.unlink(missing_ok=True)


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=DIGEST).digest()


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Return an epoch's record without its batches, in types that are read without running code."""
    kept = {name: value for name, value in row.items() if name != "batches"}
    return {name: v.item() if isinstance(v, np.generic) else v for name, v in kept.items()}


def digest_of(tensors: Iterable[torch.Tensor], *words: str) -> str:
    """Return what names tensors and words by their content.

    Examples
    --------
    >>> digest_of([torch.zeros(2)], "a") == digest_of([torch.zeros(2)], "a")
    True
    >>> digest_of([torch.zeros(2)], "a") == digest_of([torch.ones(2)], "a")
    False
    """
    digest = hashlib.blake2b("\0".join(words).encode(), digest_size=DIGEST)
    for tensor in tensors:
        digest.update(f"\0{tensor.dtype} {tuple(tensor.shape)}\0".encode())
        digest.update(tensor.detach().cpu().contiguous().reshape(-1).numpy().data)
    return digest.hexdigest()
