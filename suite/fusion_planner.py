"""Plans fusions of scores: the cells that are mixed, and the inner folds in which weights are learned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from suite.content_key import content_key
from suite.errors import DataError
from suite.fusion import FUSION_VERSION
from suite.grid import SCORE_FUSION, Fusion, PluginSpec
from suite.plan import CELL_COLUMNS, INNER, Cell, Fit, Mixture, Setting, fit_seed
from suite.splits import Fold

__all__ = ["fused_cell", "inner_settings"]

INNER_FOLDS = 3


def fused_cell(
    fusion: Fusion,
    names: tuple[str, ...],
    setting: Setting,
    inner: Sequence[Setting],
    make: Callable[[Setting, tuple[str, ...]], Cell],
) -> Cell:
    """Make the cell of a fusion.

    Parameters
    ----------
    fusion : Fusion
        Members and weights.
    names : tuple of str
        Names of the cell.
    setting : Setting
        Where it stands, and its members with it.
    inner : sequence of Setting
        Of each fold the inner ones, see :func:`inner_settings`; empty where weights are given.
    make : callable
        Makes the cell of a member, of a setting and names.
    """
    named = [(*names[:4], member.extractor, member.classifier, names[6]) for member in fusion.of]
    members = [make(setting, each) for each in named]
    refitted = [[replace(make(part, each), role=INNER) for each in named] for part in inner]
    fits = []
    for index, fold in enumerate(setting.folds):
        again = refitted[index] if inner else ()
        mixture = Mixture(
            weights=fusion.shares,
            members=tuple((cell, cell.fits[index]) for cell in members),
            inner=tuple(tuple((cell, fit) for fit in cell.fits) for cell in again),
        )
        fits.append(_mixed_fit(fold, mixture))
    return Cell(
        names=dict(zip(CELL_COLUMNS, names, strict=True)),
        role="ablation" if names[6] else "cell",
        setting=setting,
        classifier=PluginSpec(type=SCORE_FUSION),
        fits=tuple(fits),
        key=content_key("cell", setting.identity, [fit.key for fit in fits]),
        seed=members[0].seed,
        registry=members[0].registry,
        remarks={
            "protocol_remark": setting.protocol.remark,
            "extractor_remark": "",
            "classifier_remark": _remarks(members),
        },
    )


def _mixed_fit(fold: Fold, mixture: Mixture) -> Fit:
    members = [fit.key for _, fit in mixture.members]
    inner = [[fit.key for _, fit in fits] for fits in mixture.inner]
    tables = {id(table): table for _, fit in mixture.members for table in fit.tables}
    key = content_key("fusion", FUSION_VERSION, members, inner, mixture.weights)
    return Fit(fold, tuple(tables.values()), key, mixture)


def _remarks(members: Sequence[Cell]) -> str:
    """Say once what must be said beside the name of any member."""
    columns = ("extractor_remark", "classifier_remark")
    said = [cell.remarks[column] for cell in members for column in columns if cell.remarks[column]]
    return ", ".join(dict.fromkeys(said))


def inner_settings(setting: Setting, seed: int) -> tuple[Setting, ...]:
    """Return for each fold the setting in which its training part alone is split again.

    The inner folds are stratified and keep groups together, as the outer ones do; three of them, or as
    many as the scarcest class has groups if that is fewer.

    Raises
    ------
    DataError
        When a class has a single group in a training part, or no division leaves every class in every
        inner training part.
    """
    return tuple(
        replace(setting, folds=_inner_folds(setting, fold, fit_seed(seed, fold))) for fold in setting.folds
    )


def _inner_folds(setting: Setting, fold: Fold, seed: int) -> tuple[Fold, ...]:
    y, groups = setting.codes[fold.train], pd.factorize(setting.groups[fold.train])[0]
    counts = [len(np.unique(groups[y == code])) for code in range(len(setting.labelling.classes))]
    for n_folds in range(min(INNER_FOLDS, *counts), 1, -1):
        parts = _split(y, groups, n_folds, seed)
        if all(len(test) and len(np.unique(y[train])) == len(counts) for train, test in parts):
            return tuple(
                Fold(fold.repeat, number, fold.train[train], fold.train[test])
                for number, (train, test) in enumerate(parts)
            )
    counted = ", ".join(f"{n} of {name}" for n, name in zip(counts, setting.labelling.classes, strict=True))
    raise DataError(
        f"weights: learn needs at least 2 groups of each class in every training part, and a division of them"
        f" that leaves each class in both; fold {fold.fold} of repeat {fold.repeat} has {counted}. Give the"
        " weights, or exclude the fusion here."
    )


def _split(y: np.ndarray, groups: np.ndarray, n_folds: int, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    grouped = len(np.unique(groups)) < len(groups)
    splitter, units = (StratifiedGroupKFold, groups) if grouped else (StratifiedKFold, None)
    return list(splitter(n_folds, shuffle=True, random_state=seed).split(np.zeros(len(y)), y, units))
