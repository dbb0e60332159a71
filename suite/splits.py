"""How samples are split into training and test parts: one class per protocol, groups kept together."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from suite.errors import DataError, did_you_mean
from suite.preprocessing import DEFAULT_STEPS, Copies

__all__ = [
    "AnyProtocol",
    "Fold",
    "HoldOut",
    "KFold",
    "LeaveOneGroupOut",
    "Official",
    "Protocol",
    "group_codes",
]

DATASET_GROUP = "group"
DEFAULT_COPIES = 6  # beside each image, as COV-19Net's authors made of 410 images 2,870


@dataclass(frozen=True)
class Fold:
    """Row numbers of one fold: ``train`` and ``test``, both sorted; the rest is left out."""

    repeat: int
    fold: int
    train: np.ndarray
    test: np.ndarray


class _Protocol(BaseModel, ABC):
    """What all protocols share.

    ``group`` names the column whose values are never torn apart; the default is the dataset's own
    ``group``. ``null`` splits sample by sample, which must be written out.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    summary: ClassVar[str]
    group: str | None = DATASET_GROUP

    def split(self, samples: pd.DataFrame, y: np.ndarray) -> list[Fold]:
        """Return the folds.

        Parameters
        ----------
        samples : DataFrame of n rows
            The samples of a task, with the columns of the dataset.
        y : ndarray of str, shape (n,)
            The class of each sample.

        Raises
        ------
        DataError
            When the protocol cannot be met on these samples, with the counts.
        """
        folds = self._folds(samples, y, group_codes(samples, self.group))
        for fold in folds:
            self._check(fold, y)
        return folds

    @abstractmethod
    def _folds(self, samples: pd.DataFrame, y: np.ndarray, groups: np.ndarray) -> list[Fold]:
        """Split by groups, given as numbers."""

    @property
    def augmentation(self) -> Copies | None:
        """Augmented copies that are made before the split."""
        return None

    @property
    def remark(self) -> str:
        """What every table must say beside the name of such a protocol; empty: nothing."""
        return "leaky: augmented before split" if self.augmentation else ""

    def _check(self, fold: Fold, y: np.ndarray) -> None:
        if not len(fold.test):
            raise DataError(f"fold {fold.fold} of repeat {fold.repeat} has no test sample.")
        missing = np.setdiff1d(np.unique(y), y[fold.train])
        if len(missing):
            raise DataError(
                f"fold {fold.fold} of repeat {fold.repeat} would train on {len(fold.train)} samples"
                f" without any of class {', '.join(map(repr, map(str, missing)))}."
            )


class _RandomProtocol(_Protocol, ABC):
    """One that splits at random, and that can be told to split augmented copies as if they were images.

    ``augment: before_split`` makes ``copies`` copies of each image with the augmentation ``steps`` and then
    splits images and copies one by one: copies of one image lie in the training and in the test part, which
    is a leak, here for the asking.
    """

    augment: Literal["before_split"] | None = None
    copies: Annotated[int, Field(ge=1, le=100)] | None = None
    steps: str | list[Any] | None = None

    @model_validator(mode="before")
    @classmethod
    def _with_defaults(cls, values: Any) -> Any:
        if isinstance(values, dict) and values.get("augment") == "before_split":
            given = {key: value for key, value in values.items() if value is not None or key == "group"}
            return {"copies": DEFAULT_COPIES, "steps": DEFAULT_STEPS, **given}
        return values

    @model_validator(mode="after")
    def _check_augmentation(self) -> _RandomProtocol:
        if self.augment is None and (self.copies is not None or self.steps is not None):
            raise ValueError("copies and steps are those of augment: before_split, which is not there")
        if self.augment is not None and self.group is not None:
            raise ValueError(
                "augment: before_split splits copies one by one, whatever image or patient they are of;"
                " write group: null beside it"
            )
        _ = self.augmentation  # its steps are checked
        return self

    @property
    def augmentation(self) -> Copies | None:
        """Augmented copies that are made before the split."""
        if self.augment is None or self.copies is None or self.steps is None:
            return None
        return Copies(copies=self.copies, steps=self.steps)


class KFold(_RandomProtocol):
    """k-fold cross-validation, stratified by class, groups kept together, repeated with new seeds."""

    summary: ClassVar[str] = "k-fold cross-validation"
    type: Literal["kfold"] = "kfold"
    folds: Annotated[int, Field(ge=2, le=1000)] = 10
    repeats: Annotated[int, Field(ge=1, le=1000)] = 1
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0

    def _folds(self, samples: pd.DataFrame, y: np.ndarray, groups: np.ndarray) -> list[Fold]:
        self._check_counts(y, groups)
        grouped = len(np.unique(groups)) < len(groups)
        splitter, units = (StratifiedGroupKFold, groups) if grouped else (StratifiedKFold, None)
        rows = np.zeros(len(y))
        return [
            Fold(repeat, fold, np.sort(train), np.sort(test))
            for repeat in range(self.repeats)
            for fold, (train, test) in enumerate(
                splitter(self.folds, shuffle=True, random_state=self.seed + repeat).split(rows, y, units)
            )
        ]

    def _check_counts(self, y: np.ndarray, groups: np.ndarray) -> None:
        for label in np.unique(y):
            count = len(np.unique(groups[y == label]))
            if count < self.folds:
                unit = "samples" if self.group is None else "groups (patients)"
                raise DataError(
                    f"class {str(label)!r} has {count} {unit}, fewer than the {self.folds} folds asked for."
                )


class HoldOut(_RandomProtocol):
    """Repeated random split into a training and a test part, stratified by class, groups kept together."""

    summary: ClassVar[str] = "repeated random hold-out"
    type: Literal["holdout"] = "holdout"
    train_size: Annotated[float, Field(gt=0, lt=1)] = 0.8
    repeats: Annotated[int, Field(ge=1, le=1000)] = 1
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0

    def _folds(self, samples: pd.DataFrame, y: np.ndarray, groups: np.ndarray) -> list[Fold]:
        majority = _majority_class(y, groups)
        for label in np.unique(y):
            count = int(np.sum(majority == label))
            if count < 2:
                raise DataError(
                    f"class {str(label)!r} has {count} group(s); a training and a test part need two."
                )
        return [self._one(y, groups, majority, repeat) for repeat in range(self.repeats)]

    def _one(self, y: np.ndarray, groups: np.ndarray, majority: np.ndarray, repeat: int) -> Fold:
        random = np.random.default_rng([self.seed, repeat])
        sizes = np.bincount(groups)
        in_train = np.zeros(len(sizes), dtype=bool)
        for label in np.unique(majority):
            members = random.permutation(np.flatnonzero(majority == label))
            filled = np.cumsum(sizes[members])
            wanted = round(self.train_size * filled[-1], 9)
            count = int(np.searchsorted(filled, wanted)) + 1
            in_train[members[: min(count, len(members) - 1)]] = True
        chosen = in_train[groups]
        return Fold(repeat, 0, np.flatnonzero(chosen), np.flatnonzero(~chosen))


class Official(_Protocol):
    """The split that the dataset brings along, in a column of its own."""

    summary: ClassVar[str] = "the dataset's own split"
    type: Literal["official"] = "official"
    column: str = "split"
    train: Annotated[list[str], Field(min_length=1)] = ["train", "val"]
    test: Annotated[list[str], Field(min_length=1)] = ["test"]

    def _folds(self, samples: pd.DataFrame, y: np.ndarray, groups: np.ndarray) -> list[Fold]:
        values = _column(samples, self.column)
        fold = Fold(0, 0, np.flatnonzero(values.isin(self.train)), np.flatnonzero(values.isin(self.test)))
        if not len(fold.train) or not len(fold.test):
            raise DataError(
                f"the column {self.column!r} gives {len(fold.train)} training samples"
                f" ({', '.join(self.train)}) and {len(fold.test)} test samples ({', '.join(self.test)});"
                f" its values are {_counts(values)}."
            )
        return [fold]


class LeaveOneGroupOut(_Protocol):
    """Each value of a column is the test part once; groups that cross over leave the training part."""

    summary: ClassVar[str] = "leave one value of a column out"
    type: Literal["leave_one_group_out"] = "leave_one_group_out"
    column: str = "source"

    def _folds(self, samples: pd.DataFrame, y: np.ndarray, groups: np.ndarray) -> list[Fold]:
        values = _column(samples, self.column)
        names = sorted(values.dropna().unique())
        if len(names) < 2:
            raise DataError(
                f"the column {self.column!r} has {len(names)} value(s): {_counts(values)}; two are needed."
            )
        return [self._one(index, (values == name).to_numpy(), groups) for index, name in enumerate(names)]

    def _one(self, index: int, test: np.ndarray, groups: np.ndarray) -> Fold:
        crossing = np.isin(groups, groups[test])
        return Fold(0, index, np.flatnonzero(~test & ~crossing), np.flatnonzero(test))


AnyProtocol = KFold | HoldOut | Official | LeaveOneGroupOut
Protocol = Annotated[AnyProtocol, Field(discriminator="type")]


def group_codes(samples: pd.DataFrame, column: str | None) -> np.ndarray:
    """Give each sample the number of its group, from 0; a sample without a group is its own.

    Examples
    --------
    >>> import pandas as pd
    >>> samples = pd.DataFrame({"group": ["p1", None, "p1", None]})
    >>> group_codes(samples, "group"), group_codes(samples, None)
    (array([0, 1, 0, 2]), array([0, 1, 2, 3]))
    """
    if column is None:
        return np.arange(len(samples))
    values = _column(samples, column).reset_index(drop=True)
    missing = values.isna().to_numpy()
    codes = pd.factorize(values)[0].astype(np.int64)
    codes[missing] = len(values) + np.flatnonzero(missing)
    return pd.factorize(codes)[0]


def _column(samples: pd.DataFrame, column: str) -> pd.Series:
    if column not in samples:
        raise DataError(
            f"there is no column {column!r}.{did_you_mean(column, samples.columns)}"
            f" Columns: {', '.join(samples.columns)}."
        )
    return samples[column]


def _counts(values: pd.Series) -> str:
    counts = values.fillna("(empty)").value_counts()
    return ", ".join(f"{name} ({count})" for name, count in counts.items())


def _majority_class(y: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Return the most frequent class of each group (the lowest among equals)."""
    classes, codes = np.unique(y, return_inverse=True)
    table = np.zeros((groups.max() + 1, len(classes)), dtype=int)
    np.add.at(table, (groups, codes), 1)
    return classes[table.argmax(axis=1)]
