"""Artifacts on disk: content-addressed, written whole or not at all, checked whenever they are read."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from suite.errors import SuiteError

__all__ = ["Store", "write_atomically"]


@dataclass(frozen=True)
class Store:
    """A folder of artifacts, each a Parquet table and a JSON file beside it.

    The JSON file holds facts about the table and the digests of both; it is written last, so an
    artifact exists only once both are there. An artifact that is truncated or altered does not verify,
    counts as absent, and is computed again.

    Parameters
    ----------
    root : Path
        The folder; made when first written to. Several processes may share it.

    Examples
    --------
    >>> import tempfile
    >>> store = Store(Path(tempfile.mkdtemp()))
    >>> store.write("fits", "0a1b", pa.table({"x": [1, 2]}), {"seconds": 0.5})
    >>> table, facts = store.read("fits", "0a1b")
    >>> table.num_rows, facts["seconds"]
    (2, 0.5)
    >>> store.read("fits", "ffff") is None
    True
    """

    root: Path

    def write(self, kind: str, key: str, table: pa.Table, facts: Mapping[str, Any]) -> None:
        """Write an artifact; concurrent writers of the same key leave one whole artifact."""
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, compression="zstd")
        data = sink.getvalue().to_pybytes()
        record = {"facts": dict(facts), "table_digest": _digest(data)}
        record["digest"] = _digest(_canonical(record))
        path = self._path(kind, key)
        write_atomically(path.with_suffix(".parquet"), data)
        write_atomically(path.with_suffix(".json"), json.dumps(record, sort_keys=True).encode())

    def read(self, kind: str, key: str) -> tuple[pa.Table, dict[str, Any]] | None:
        """Return an artifact's table and facts, or None when it is absent or does not verify."""
        path = self._path(kind, key)
        facts = self._verified_record(path)
        if facts is None:
            return None
        try:
            data = path.with_suffix(".parquet").read_bytes()
        except FileNotFoundError:
            return None
        if _digest(data) != facts["table_digest"]:
            return None
        return pq.read_table(pa.BufferReader(data)), facts["facts"]

    def verify(self, kind: str, key: str) -> bool:
        """Tell whether an artifact is there and undamaged."""
        path = self._path(kind, key)
        record = self._verified_record(path)
        try:
            return (
                record is not None
                and _digest(path.with_suffix(".parquet").read_bytes()) == record["table_digest"]
            )
        except OSError:
            return False

    def facts(self, kind: str, key: str) -> dict[str, Any] | None:
        """Return an artifact's facts alone, or None when it is absent (the table is not verified)."""
        record = self._verified_record(self._path(kind, key))
        return None if record is None else record["facts"]

    def _verified_record(self, path: Path) -> dict[str, Any] | None:
        try:
            record = json.loads(path.with_suffix(".json").read_bytes())
            digest = record.pop("digest")
        except (FileNotFoundError, ValueError, KeyError, AttributeError, TypeError):
            return None
        return record if digest == _digest(_canonical(record)) else None

    def _path(self, kind: str, key: str) -> Path:
        return self.root / kind / key[:2] / key


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file under a temporary name and rename it, so that nobody ever sees half of it.

    Raises
    ------
    SuiteError
        When the folder cannot be written to (permissions, disk full), with the system's reason.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError as error:
        if path.parent.is_dir():
            temporary.unlink(missing_ok=True)
        raise SuiteError(f"{path}: cannot be written ({error.strerror}).") from error


def _canonical(record: Mapping[str, Any]) -> bytes:
    return json.dumps(record, sort_keys=True, separators=(",", ":")).encode()


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()
