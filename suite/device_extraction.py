"""Deep features on devices, each owned by one process; many others read and prepare images for it."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from suite.devices import runs_on_device
from suite.executors import Workers, own_device
from suite.extraction import Computed, Extraction, Failure, ShardUnit, create_extractor, store_shard

__all__ = ["extract_on_devices", "parts_of"]


def parts_of(units: Sequence[ShardUnit], *, on_device: bool) -> list[ShardUnit]:
    """Return units with those of their extractions that run on a device, or with the others."""
    parts = [replace(unit, extractions=_chosen(unit, on_device)) for unit in units]
    return [part for part in parts if part.extractions]


def _chosen(unit: ShardUnit, on_device: bool) -> tuple[Extraction, ...]:
    return tuple(
        e for e in unit.extractions if runs_on_device(unit.registry, "extractors", e.plugin) == on_device
    )


@dataclass(frozen=True, eq=False)
class _Prepared:
    """A unit, and for each of its extractions, by key, the images as the network takes them."""

    unit: ShardUnit
    pictures: Mapping[str, np.ndarray]
    seconds: float


def extract_on_devices(
    units: Sequence[ShardUnit], workers: Workers, devices: tuple[str, ...]
) -> Iterator[tuple[ShardUnit, Any]]:
    """Yield (unit, outcome) as :func:`suite.extraction.extract_shard` would give it.

    Workers prepare images ahead of the processes that own the devices.
    """
    unprepared: list[tuple[ShardUnit, Any]] = []

    def prepared() -> Iterator[_Prepared]:
        for unit, outcome in workers.run(_prepare, units):
            if isinstance(outcome, _Prepared):
                yield outcome
            else:
                unprepared.append((unit, outcome))

    with Workers(len(devices), devices) as owners:
        for given, outcome in owners.run(_extract, prepared()):
            yield given.unit, outcome
    yield from unprepared


def _prepare(unit: ShardUnit) -> _Prepared | dict[str, Failure | None]:
    start = time.perf_counter()
    try:
        with threadpool_limits(1):
            images = [pixels for image in unit.images for _, pixels in unit.preprocessing.apply(image.read())]
            pictures = {e.key: create_extractor(unit, e).prepare(images) for e in unit.extractions}
    except Exception as error:
        failure = Failure(f"reading or preprocessing: {error}", traceback.format_exc())
        return {extraction.key: failure for extraction in unit.extractions}
    return _Prepared(unit, pictures, time.perf_counter() - start)


def _extract(prepared: _Prepared) -> dict[str, Failure | None]:
    unit = replace(prepared.unit, device=own_device())
    return {e.key: _extract_one(unit, e, prepared) for e in unit.extractions}


def _extract_one(unit: ShardUnit, extraction: Extraction, prepared: _Prepared) -> Failure | None:
    pictures = prepared.pictures[extraction.key]

    def compute() -> Computed:
        extractor = create_extractor(unit, extraction).fit([np.zeros(pictures.shape[-2:])])
        start = time.perf_counter()
        values = extractor.features_of(pictures)
        return Computed(extractor, values, time.perf_counter() - start)

    def blame(error: Exception) -> str:
        return f"{extraction.plugin}: {error or type(error).__name__}"

    return store_shard(unit, extraction, compute, blame, prepared.seconds)
