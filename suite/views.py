"""Datasets made ready: images looked at, unusable ones refused, patches counted, samples listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from suite.content_key import content_key
from suite.datasets._boxes import Box
from suite.datasets._dataset import Dataset, ImageReference
from suite.errors import DataError, Problem
from suite.executors import Lost, Workers
from suite.inspection import inspect
from suite.preprocessing import Copies, Preprocessing
from suite.store import Store

__all__ = ["Prepared", "View", "combine", "make_view", "prepare", "with_copies"]

SHOWN = 20
CHUNK = 32


@dataclass(frozen=True, eq=False)
class Prepared:
    """A dataset whose images have all been looked at.

    Attributes
    ----------
    name : str
        Its name in the grid.
    dataset : Dataset
        The samples that can be used.
    facts : DataFrame
        What was seen of each image (see :func:`suite.inspection.inspect`), aligned with the samples.
    skipped : tuple of Problem
        Images left out because the grid says ``on_bad_image: skip``.
    """

    name: str
    dataset: Dataset
    facts: pd.DataFrame
    skipped: tuple[Problem, ...]


@dataclass(frozen=True, eq=False)
class View:
    """The samples of a dataset after preprocessing: images, or the patches of images.

    Attributes
    ----------
    prepared : Prepared
        The dataset.
    preprocessing : Preprocessing
        The steps.
    samples : DataFrame of n rows
        One row per image or patch, with the columns of the dataset.
    image_rows : ndarray of int, shape (n,)
        Row of the image that each sample was taken from.
    """

    prepared: Prepared
    preprocessing: Preprocessing
    samples: pd.DataFrame
    image_rows: np.ndarray


def prepare(
    name: str,
    dataset: Dataset,
    store: Store,
    workers: Workers,
    on_bad_image: str,
    advance: Callable[[int], None] = lambda count: None,
) -> Prepared:
    """Look at all images of a dataset.

    Raises
    ------
    DataError
        With every image that cannot be used, unless ``on_bad_image`` is ``skip``.
    """
    facts = inspect(dataset, store, workers, advance)
    bad = facts["problem"].notna().to_numpy()
    problems = [Problem(dataset.images[row].path, str(facts["problem"][row])) for row in np.flatnonzero(bad)]
    if problems and on_bad_image == "fail":
        raise DataError(_told(name, problems, len(dataset)))
    if bad.all():
        raise DataError([Problem(f"dataset {name}", "not one image can be used."), *problems[:SHOWN]])
    return Prepared(
        name, dataset.take(np.flatnonzero(~bad)), facts[~bad].reset_index(drop=True), tuple(problems)
    )


def _told(name: str, problems: list[Problem], total: int) -> list[Problem]:
    head = Problem(
        f"dataset {name}",
        f"{len(problems)} of {total} images cannot be used"
        " (run: {on_bad_image: skip} leaves them out, and the report says so):",
    )
    rest = len(problems) - SHOWN
    more = [Problem("", f"… and {rest} more.")] if rest > 0 else []
    return [head, *problems[:SHOWN], *more]


def combine(development: Prepared, external: Prepared, name: str) -> Prepared:
    """Append an external dataset to a development one; the column ``part`` says which is which.

    Groups are named after their dataset, because a patient number means something within it only.
    """
    parts = (("development", development), ("external", external))
    tables = []
    for part, prepared in parts:
        samples = prepared.dataset.samples.assign(part=part)
        if part == "external":
            samples["sample_id"] = external.name + ":" + samples["sample_id"]
            samples["group"] = external.name + ":" + samples["group"]
        tables.append(samples)
    dataset = Dataset(
        samples=pd.concat(tables, ignore_index=True),
        images=development.dataset.images + external.dataset.images,
        grouped=development.dataset.grouped and external.dataset.grouped,
        synthetic=development.dataset.synthetic or external.dataset.synthetic,
        description=f"{development.dataset.description}; external: {external.dataset.description}",
        boxes=_all_boxes(development.dataset, external.dataset),
        boxes_note=" ".join(filter(None, (development.dataset.boxes_note, external.dataset.boxes_note))),
    )
    facts = pd.concat([development.facts, external.facts], ignore_index=True)
    return Prepared(name, dataset, facts, (*development.skipped, *external.skipped))


def _all_boxes(*datasets: Dataset) -> tuple[tuple[Box, ...], ...] | None:
    if all(dataset.boxes is None for dataset in datasets):
        return None
    return tuple(boxes for dataset in datasets for boxes in dataset.boxes or ((),) * len(dataset))


def make_view(prepared: Prepared, preprocessing: Preprocessing, store: Store, workers: Workers) -> View:
    """List the samples that preprocessing makes of a dataset.

    Raises
    ------
    DataError
        When patches cannot be cut from an image.
    """
    samples = prepared.dataset.samples
    if not preprocessing.expands:
        return View(prepared, preprocessing, samples, np.arange(len(samples)))
    tags = _patch_tags(prepared, preprocessing, store, workers)
    image_rows = np.repeat(np.arange(len(samples)), [len(names) for names in tags])
    expanded = samples.iloc[image_rows].reset_index(drop=True)
    flat = [tag for names in tags for tag in names]
    expanded["sample_id"] = [f"{name}{tag}" for name, tag in zip(expanded["sample_id"], flat, strict=True)]
    if not prepared.dataset.grouped:
        expanded["group"] = samples["sample_id"].to_numpy()[image_rows]
    return View(prepared, preprocessing, expanded, image_rows)


def with_copies(view: View, copies: Copies) -> View:
    """Return a view in which each sample is followed by augmented copies of it, of the same group."""
    names, times = view.samples["sample_id"].to_numpy(), copies.copies + 1
    samples = view.samples.loc[view.samples.index.repeat(times)].reset_index(drop=True)
    samples["sample_id"] = [f"{name}{tag}" for name in names for tag in copies.tags]
    samples["group"] = samples["group"].where(samples["group"].notna(), np.repeat(names, times))
    preprocessing = replace(view.preprocessing, copies=copies)
    return View(view.prepared, preprocessing, samples, np.repeat(view.image_rows, times))


@dataclass(frozen=True)
class _Unit:
    store: Path
    key: str
    images: tuple[ImageReference, ...]
    preprocessing: Preprocessing


def _patch_tags(
    prepared: Prepared, preprocessing: Preprocessing, store: Store, workers: Workers
) -> list[list[str]]:
    fingerprints = prepared.facts["fingerprint"].tolist()
    units = []
    for start in range(0, len(fingerprints), CHUNK):
        chunk = slice(start, start + CHUNK)
        key = content_key("patches", preprocessing.identity(), fingerprints[chunk])
        units.append(_Unit(store.root, key, prepared.dataset.images[chunk], preprocessing))
    tables: Mapping[str, pa.Table] = {
        unit.key: found[0] for unit in units if (found := store.read("patches", unit.key)) is not None
    }
    tables = dict(tables)
    problems: list[Problem] = []
    for unit, outcome in workers.run(_count_patches, [unit for unit in units if unit.key not in tables]):
        if isinstance(outcome, Lost):
            problems.append(Problem("patches", outcome.reason))
        elif isinstance(outcome, Problem):
            problems.append(outcome)
        else:
            tables[unit.key] = outcome
    if problems:
        raise DataError(problems[:SHOWN])
    return [tags for unit in units for tags in tables[unit.key]["tags"].to_pylist()]


def _count_patches(unit: _Unit) -> pa.Table | Problem:
    tags = []
    for image in unit.images:
        try:
            tags.append([tag for tag, _ in unit.preprocessing.apply(image.read())])
        except ValueError as error:
            return Problem(image.path, str(error))
    table = pa.table({"tags": pa.array(tags, type=pa.list_(pa.string()))})
    Store(unit.store).write("patches", unit.key, table, {})
    return table
