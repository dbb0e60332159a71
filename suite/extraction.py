"""Feature tables: computed in shards of images, each image read and preprocessed once for all extractors."""

from __future__ import annotations

import time
import traceback
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from threadpoolctl import threadpool_limits

from suite.datasets._dataset import ImageReference
from suite.preprocessing import Preprocessing
from suite.registry import Registry
from suite.store import Store

__all__ = [
    "SHARD",
    "Computed",
    "Extraction",
    "Failure",
    "ShardUnit",
    "Training",
    "create_extractor",
    "extract_shard",
    "load_features",
    "read_shard",
    "store_shard",
]

SHARD = 32  # images


@dataclass(frozen=True)
class Failure:
    """Why something could not be computed: a sentence for the report, and the traceback for its author."""

    reason: str
    details: str


@dataclass(frozen=True, eq=False)
class Training:
    """What an extractor that learns is fitted to: rows of a unit and their classes, a training part's."""

    rows: np.ndarray
    y: np.ndarray


@dataclass(frozen=True, eq=False)
class Extraction:
    """One extractor's share of a unit: the plugin, its parameters, and the key of its shard.

    Without ``training`` the extractor learns nothing, and any image will do to fit it.
    """

    key: str
    plugin: str
    parameters: dict[str, Any]
    training: Training | None


@dataclass(frozen=True)
class ShardUnit:
    """A few images and the extractors that have not seen them yet."""

    store: Path
    images: tuple[ImageReference, ...]
    preprocessing: Preprocessing
    extractions: tuple[Extraction, ...]
    registry: Registry
    device: str = "cpu"


def extract_shard(unit: ShardUnit) -> dict[str, Failure | None]:
    """Compute and store the shards of a unit.

    Returns
    -------
    dict
        Shard key → None, or the failure of that extractor; the others are not touched by it.
    """
    start = time.perf_counter()
    try:
        with threadpool_limits(1):
            named = [
                (f"{image.path}{tag}", pixels)
                for image in unit.images
                for tag, pixels in unit.preprocessing.apply(image.read())
            ]
    except Exception as error:
        failure = Failure(f"reading or preprocessing: {error}", traceback.format_exc())
        return {extraction.key: failure for extraction in unit.extractions}
    seconds = time.perf_counter() - start
    return {extraction.key: _extract(unit, extraction, named, seconds) for extraction in unit.extractions}


def _extract(
    unit: ShardUnit, extraction: Extraction, named: Sequence[tuple[str, np.ndarray]], seconds_read: float
) -> Failure | None:
    images = [pixels for _, pixels in named]

    def compute() -> Computed:
        extractor = create_extractor(unit, extraction)
        start = time.perf_counter()
        _fit(extractor, images, extraction.training)
        if extraction.training is None:  # then it only named the features
            start = time.perf_counter()
        values = np.asarray(extractor.transform(images))
        return Computed(extractor, values, time.perf_counter() - start)

    def blame(error: Exception) -> str:
        return _culprit(unit, extraction, named, error)

    return store_shard(unit, extraction, compute, blame, seconds_read)


@dataclass(frozen=True, eq=False)
class Computed:
    """Features of a shard, by which extractor, and in how many seconds."""

    extractor: Any
    values: np.ndarray
    seconds: float


def store_shard(
    unit: ShardUnit,
    extraction: Extraction,
    compute: Callable[[], Computed],
    blame: Callable[[Exception], str],
    seconds_read: float,
) -> Failure | None:
    """Compute features with one thread, check and store them; ``blame`` words what went wrong."""
    with threadpool_limits(1), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            done = compute()
            names = [str(name) for name in done.extractor.get_feature_names_out()]
            _check(done.values, names)
        except Exception as error:
            return Failure(blame(error), traceback.format_exc())
    facts = {
        "names": names,
        "seconds": done.seconds,
        "seconds_read": seconds_read,
        "rows": len(done.values),
        "precision": getattr(done.extractor, "precision_", None),
        "agreement": getattr(done.extractor, "agreement_", None),
        "warnings": sorted({str(warning.message) for warning in caught}),
    }
    Store(unit.store).write("features", extraction.key, _as_table(done.values), facts)
    return None


def create_extractor(unit: ShardUnit, extraction: Extraction) -> Any:
    """Return the extractor of an extraction, told its device if it runs on one and the grid names none."""
    extractor = unit.registry.create("extractors", extraction.plugin, extraction.parameters)
    if "device" in extractor.get_params() and "device" not in extraction.parameters:
        extractor.set_params(device=unit.device)
    return extractor


def _fit(extractor: Any, images: Sequence[np.ndarray], training: Training | None) -> None:
    if training is None:
        extractor.fit(images[:1])
    else:
        extractor.fit([images[row] for row in training.rows], training.y)


def _check(values: np.ndarray, names: list[str]) -> None:
    if values.ndim != 2 or values.shape[1] != len(names):
        raise ValueError(f"gave an array of shape {values.shape} and {len(names)} feature names")
    if values.dtype.kind != "f":
        raise TypeError(f"gave values of dtype {values.dtype}; floats are expected")
    if np.isinf(values).any():
        column = int(np.argwhere(np.isinf(values))[0, 1])
        raise ValueError(f"gave an infinite value of {names[column]}")


def _culprit(
    unit: ShardUnit, extraction: Extraction, named: Sequence[tuple[str, np.ndarray]], error: Exception
) -> str:
    """Name the image on which an extractor fails, if it fails on one alone.

    An error may say that no image is to blame: ``concerns_images = False``.
    """
    to_blame = getattr(error, "concerns_images", True) and extraction.training is None
    for name, image in named if to_blame else ():
        try:
            create_extractor(unit, extraction).fit([image]).transform([image])
        except Exception as alone:
            return f"{extraction.plugin} on {name}: {_sentence(alone)}"
    return f"{extraction.plugin}: {_sentence(error)}"


def _sentence(error: Exception) -> str:
    return str(error).removeprefix("image 0 ") or type(error).__name__


def _as_table(values: np.ndarray) -> pa.Table:
    flat = pa.array(np.ascontiguousarray(values).ravel())
    if not values.shape[1]:
        return pa.table({"row": np.arange(len(values))})
    return pa.table({"values": pa.FixedSizeListArray.from_arrays(flat, values.shape[1])})


def read_shard(store: Store, key: str) -> tuple[np.ndarray, dict[str, Any]] | None:
    """Return values of shape (rows, features) and facts of a shard, or None when it is absent."""
    found = store.read("features", key)
    if found is None:
        return None
    table, facts = found
    if "values" not in table.column_names:
        return np.empty((table.num_rows, 0)), facts
    column = table["values"].combine_chunks()
    return column.flatten().to_numpy(zero_copy_only=False).reshape(table.num_rows, -1), facts


@lru_cache(maxsize=4)
def load_features(store: Path, parts: tuple[tuple[str, ...], ...]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Put shards together: all rows of each part, the parts side by side.

    Parameters
    ----------
    store : Path
        Root of the store.
    parts : tuple of tuple of str
        For each extractor the keys of its shards, in order of rows.

    Returns
    -------
    values : ndarray of shape (n_samples, n_features)
        Read-only. Of no columns when there is no part.
    names : tuple of str
        Names of the features.

    Raises
    ------
    ValueError
        When shards of one extractor have different features, or a shard is missing.
    """
    tables = [_load_part(Store(store), keys) for keys in parts]
    if not tables:
        return np.empty((0, 0)), ()
    values = tables[0][0] if len(tables) == 1 else np.hstack([table for table, _ in tables])
    values.flags.writeable = False
    return values, tuple(name for _, names in tables for name in names)


def _load_part(store: Store, keys: Sequence[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    arrays: list[np.ndarray] = []
    names: list[str] | None = None
    for key in keys:
        found = read_shard(store, key)
        if found is None:
            raise ValueError("a stored feature table is damaged; run again to compute it anew")
        values, facts = found
        if names is not None and facts["names"] != names:
            raise ValueError(
                f"images gave different numbers of features ({len(names)} and {len(facts['names'])}):"
                " are they of different sizes? A resize step makes them equal."
            )
        names = facts["names"]
        arrays.append(values)
    return np.concatenate(arrays), tuple(names or ())
