"""Every image is decoded once before anything is computed: fingerprints, sizes, and which cannot be used."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from suite.content_key import content_key
from suite.datasets._dataset import Dataset, ImageReference
from suite.errors import BadImageError
from suite.executors import Lost, Workers
from suite.store import Store

__all__ = ["INSPECTION_VERSION", "inspect"]

INSPECTION_VERSION = 1
CHUNK = 64
COLUMNS = ("fingerprint", "pixels", "width", "height", "bit_depth", "format", "constant", "problem")


@dataclass(frozen=True)
class _Unit:
    store: Path
    key: str
    images: tuple[ImageReference, ...]


def inspect(
    dataset: Dataset, store: Store, workers: Workers, advance: Callable[[int], None] = lambda count: None
) -> pd.DataFrame:
    """Decode every image once, in parallel; what was seen of an unchanged file is not read again.

    Parameters
    ----------
    dataset : Dataset
        n samples.
    store : Store
        Keeps the outcome by path, size and modification time of the files.
    workers : Workers
        Run the decoding.
    advance : callable
        Told the number of images done.

    Returns
    -------
    DataFrame of n rows
        ``fingerprint`` (of all that determines the pixels), ``pixels`` (digest of the decoded values),
        ``width``, ``height``, ``bit_depth``, ``format``, ``constant`` and ``problem`` (why an image cannot
        be used, else None).
    """
    chunks = [dataset.images[start : start + CHUNK] for start in range(0, len(dataset), CHUNK)]
    units = [_Unit(store.root, _chunk_key(images), images) for images in chunks]
    tables: dict[str, pa.Table] = {}
    missing = []
    for unit in units:
        found = store.read("inspections", unit.key)
        if found is None:
            missing.append(unit)
        else:
            tables[unit.key] = found[0]
            advance(len(unit.images))
    for unit, outcome in workers.run(_inspect_unit, missing):
        tables[unit.key] = _lost(unit, outcome) if isinstance(outcome, Lost) else outcome
        advance(len(unit.images))
    return pd.concat([tables[unit.key].to_pandas() for unit in units], ignore_index=True)


def _chunk_key(images: Sequence[ImageReference]) -> str:
    return content_key("inspection", INSPECTION_VERSION, [_stamp(image) for image in images])


def _stamp(image: ImageReference) -> Any:
    try:
        stamp = image.stamp()
        return image.fingerprint() if stamp is None else list(stamp)
    except BadImageError as error:
        return ["missing", error.path, error.reason]


def _inspect_unit(unit: _Unit) -> pa.Table:
    table = pa.Table.from_pylist([_look_at(image) for image in unit.images], schema=_SCHEMA)
    if table["problem"].null_count == len(
        table
    ):  # a problem may be mended without a trace in the file's stamp
        Store(unit.store).write("inspections", unit.key, table, {})
    return table


_SCHEMA = pa.schema(
    [
        ("fingerprint", pa.string()),
        ("pixels", pa.string()),
        ("width", pa.int64()),
        ("height", pa.int64()),
        ("bit_depth", pa.int64()),
        ("format", pa.string()),
        ("constant", pa.bool_()),
        ("problem", pa.string()),
    ]
)


def _look_at(image: ImageReference) -> dict[str, Any]:
    try:
        properties = image.properties()
        pixels = image.read()
        fingerprint = image.fingerprint()
    except BadImageError as error:
        return {**dict.fromkeys(COLUMNS), "problem": error.reason}
    except MemoryError:
        return {**dict.fromkeys(COLUMNS), "problem": "too large for the memory of this machine"}
    values = np.ma.compressed(pixels)
    return {
        "fingerprint": fingerprint,
        "pixels": _digest(pixels),
        "width": pixels.shape[1],
        "height": pixels.shape[0],
        "bit_depth": int(properties.get("bit_depth") or 0),
        "format": str(properties.get("format", "")),
        "constant": bool(values.min() == values.max()),
        "problem": None,
    }


def _digest(pixels: np.ndarray) -> str:
    values = np.ascontiguousarray(np.ma.getdata(pixels))
    digest = hashlib.blake2b(f"{values.shape}{values.dtype.str}".encode(), digest_size=16)
    digest.update(values.tobytes())
    return digest.hexdigest()


def _lost(unit: _Unit, outcome: Lost) -> pa.Table:
    rows = [{**dict.fromkeys(COLUMNS), "problem": outcome.reason} for _ in unit.images]
    return pa.Table.from_pylist(rows, schema=_SCHEMA)
