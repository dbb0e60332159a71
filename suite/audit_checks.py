"""The checks of the audit: each yields what it finds as (code, message, samples)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pandas as pd
from scipy.stats.contingency import association

from suite.plan import Setting
from suite.views import Prepared

__all__ = ["DATA_CHECKS", "SPLIT_CHECKS", "Found"]

CONFOUNDED = 0.5  # Cramér's V: "large" from here on for the tables at hand (Cohen 1988, w = 0.5)
SMALL = 5  # samples of a class in a test part
Found = tuple[str, str, Sequence[str]]


def _synthetic(prepared: Prepared) -> Iterator[Found]:
    if prepared.dataset.synthetic:
        yield "SYNTHETIC_DATA", f"All {len(prepared.dataset)} images of {prepared.name} are synthetic.", ()


def _skipped(prepared: Prepared) -> Iterator[Found]:
    if prepared.skipped:
        names = [f"{problem.where}: {problem.message}" for problem in prepared.skipped]
        yield (
            "IMAGES_SKIPPED",
            f"{len(names)} images of {prepared.name} cannot be used and were left out.",
            names,
        )


def _constant(prepared: Prepared) -> Iterator[Found]:
    names = prepared.dataset.samples["sample_id"][prepared.facts["constant"].to_numpy(dtype=bool)].tolist()
    if names:
        yield "CONSTANT_IMAGE", f"{len(names)} images of {prepared.name} have one grey value only.", names


def _ungrouped(prepared: Prepared) -> Iterator[Found]:
    if not prepared.dataset.grouped:
        yield (
            "NO_GROUPS",
            f"{prepared.name} names no patients: images of one patient may lie in the training and in"
            " the test part, which makes results better than they are.",
            (),
        )


def _two_labels(prepared: Prepared) -> Iterator[Found]:
    samples = prepared.dataset.samples.assign(pixels=prepared.facts["pixels"])
    copies = samples[samples["pixels"].duplicated(keep=False)]
    opposed = copies[copies.groupby("pixels")["label"].transform("nunique") > 1]
    if len(opposed):
        pictures = opposed["pixels"].nunique()
        yield (
            "SAME_PICTURE_TWO_LABELS",
            f"{pictures} picture(s) of {prepared.name} stand under more than one label:"
            " one of them is wrong.",
            opposed["sample_id"].tolist(),
        )


def _several_labels(prepared: Prepared) -> Iterator[Found]:
    samples = prepared.dataset.samples.dropna(subset=["group"])
    mixed = samples[samples.groupby("group")["label"].transform("nunique") > 1]
    if len(mixed):
        yield (
            "GROUP_WITH_SEVERAL_LABELS",
            f"{_groups(mixed['group'].nunique())} of {prepared.name} with images of more than one label;"
            " they are kept together all the same.",
            mixed["sample_id"].tolist(),
        )


def _same_picture(setting: Setting, place: str) -> Iterator[Found]:
    view = setting.view
    facts = view.prepared.facts["pixels"]
    several = facts.duplicated(keep=False).to_numpy()  # what is cut out of one image is no picture twice
    pixels = np.where(several, pd.factorize(facts)[0], -1)[view.image_rows]
    ids = view.prepared.dataset.samples["sample_id"].to_numpy()[view.image_rows]
    crossing = list(dict.fromkeys(ids[_crossing(setting, pixels)]))
    if len(crossing) > 1:
        yield (
            "SAME_PICTURE_ACROSS_FOLDS",
            f"{place}: {len(crossing)} images are exact copies that lie in a training and its test part, so"
            " the test part is partly known.",
            crossing,
        )


def _group_across(setting: Setting, place: str) -> Iterator[Found]:
    view = setting.view
    if not view.prepared.dataset.grouped and not view.preprocessing.expands:
        return
    groups = pd.factorize(view.samples["group"], use_na_sentinel=True)[0]
    crossing = _crossing(setting, groups)
    if not crossing.any():
        return
    count = len(np.unique(groups[crossing]))
    names = view.samples["sample_id"][crossing].tolist()
    yield (
        "GROUP_ACROSS_FOLDS" if not setting.by_sample else "SAMPLE_LEVEL_SPLIT",
        f"{place}: patients were not kept together; {_groups(count)} with images in a training and"
        " its test part, which makes results better than they are.",
        names,
    )


def _augmented_first(setting: Setting, place: str) -> Iterator[Found]:
    if setting.protocol.augmentation is None:
        return
    view = setting.view
    crossing = np.unique(view.image_rows[_crossing(setting, view.image_rows)])
    yield (
        "AUGMENTED_BEFORE_SPLIT",
        f"{place}: images were augmented before the split, as the grid asks; {len(crossing)} of"
        f" {len(np.unique(view.image_rows[setting.labelling.rows]))} have copies in a training and its test"
        " part, which makes results better than they are.",
        view.prepared.dataset.samples["sample_id"].iloc[crossing].tolist(),
    )


def _groups(count: int) -> str:
    return f"{count} group{'s' * (count != 1)} (patients)"


def _crossing(setting: Setting, codes: np.ndarray) -> np.ndarray:
    """Mark the rows whose code is found on both sides of any fold (a negative code is no code)."""
    marked = np.zeros(len(codes), dtype=bool)
    for fold in setting.folds:
        both = np.intersect1d(codes[fold.train], codes[fold.test])
        rows = np.concatenate([fold.train, fold.test])
        marked[rows[np.isin(codes[rows], both[both >= 0])]] = True
    return marked


def _left_out(setting: Setting, place: str) -> Iterator[Found]:
    if setting.official:
        return
    for fold in setting.folds:
        rows = np.setdiff1d(setting.labelling.rows, np.concatenate([fold.train, fold.test]))
        if len(rows):
            yield (
                "SAMPLES_LEFT_OUT",
                f"{place}, fold {fold.fold}: {len(rows)} samples are in neither part.",
                setting.view.samples["sample_id"].iloc[rows].tolist(),
            )


def _small_class(setting: Setting, place: str) -> Iterator[Found]:
    fewest = {
        name: min(int((setting.codes[fold.test] == k).sum()) for fold in setting.folds)
        for k, name in enumerate(setting.labelling.classes)
    }
    absent = [repr(name) for name, count in fewest.items() if count == 0]
    small = [f"{count} of {name!r}" for name, count in fewest.items() if 0 < count < SMALL]
    if absent:
        yield "FOLD_WITHOUT_CLASS", f"{place}: a test part has no sample of class {', '.join(absent)}.", ()
    if small:
        yield "SMALL_CLASS", f"{place}: a test part has only few samples of a class: {', '.join(small)}.", ()


def _confounding(setting: Setting, place: str) -> Iterator[Found]:
    rows, names = setting.labelling.rows, setting.labelling.names
    where = " / ".join(place.split(" / ")[:2])
    source = setting.view.samples["source"].iloc[rows]
    if source.notna().any() and source.nunique() > 1:
        yield from _source_confounding(source.fillna("(unknown)"), names, where)
    facts = setting.view.prepared.facts.iloc[setting.view.image_rows[rows]]
    for column, code, shown in (
        ("format", "CLASS_FORMAT_CONFOUNDED", facts["format"]),
        ("size", "CLASS_SIZE_CONFOUNDED", _size_category(facts)),
    ):
        strength = _cramers_v(shown, names)
        if strength >= CONFOUNDED:
            yield (
                code,
                f"{where}: class and image {column} go together (Cramér's V = {strength:.2f}), so a model may"
                f" learn the {column} instead of the disease.",
                (),
            )


def _source_confounding(source: pd.Series, names: np.ndarray, where: str) -> Iterator[Found]:
    table = pd.crosstab(source.to_numpy(), names)
    counts = "; ".join(
        f"{name}: " + ", ".join(f"{s} {n}" for s, n in column.items() if n) for name, column in table.items()
    )
    if ((table > 0).sum(axis=1) == 1).all():
        yield (
            "CLASS_IS_SOURCE",
            f"{where}: every source has one class only ({counts}); the source alone tells the class,"
            " and no result can show that a model sees the disease.",
            (),
        )
    elif (strength := _cramers_v(source, names)) >= CONFOUNDED:
        yield (
            "CLASS_SOURCE_CONFOUNDED",
            f"{where}: class and source go together (Cramér's V = {strength:.2f}; {counts}), so a model may"
            " learn the source instead of the disease.",
            (),
        )


def _size_category(facts: pd.DataFrame) -> pd.Series:
    """Shape of an image, by aspect ratio: narrow, square or wide."""
    ratio = facts["width"] / facts["height"]
    return pd.Series(np.select([ratio < 0.99, ratio > 1.01], ["narrow", "wide"], "square"), index=facts.index)


def _cramers_v(values: pd.Series, names: np.ndarray) -> float:
    table = pd.crosstab(values.to_numpy(), names).to_numpy()
    return float(association(table, method="cramer")) if min(table.shape) > 1 else 0.0


DATA_CHECKS: tuple[Callable[[Prepared], Iterator[Found]], ...] = (
    _synthetic,
    _skipped,
    _constant,
    _ungrouped,
    _two_labels,
    _several_labels,
)

SPLIT_CHECKS: tuple[Callable[[Setting, str], Iterator[Found]], ...] = (
    _same_picture,
    _augmented_first,
    _group_across,
    _left_out,
    _small_class,
    _confounding,
)
