"""Tasks applied to samples: which rows take part, and the class of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from suite.errors import DataError, did_you_mean
from suite.grid import Task

__all__ = ["Labelling", "label_samples"]


@dataclass(frozen=True)
class Labelling:
    """The samples of a task.

    Attributes
    ----------
    rows : ndarray of int, shape (n,)
        Row numbers of the samples that take part.
    y : ndarray of int, shape (n,)
        Position of each one's class in ``classes``.
    classes : tuple of str
        The classes, in the task's order.
    positive : int or None
        Position of the positive class.
    """

    rows: np.ndarray
    y: np.ndarray
    classes: tuple[str, ...]
    positive: int | None

    @property
    def names(self) -> np.ndarray:
        """Class name of each sample, shape (n,)."""
        return np.asarray(self.classes, dtype=object)[self.y]


def label_samples(samples: pd.DataFrame, task: Task) -> Labelling:
    """Give each sample its class in a task; labels that the task does not name are left out.

    Raises
    ------
    DataError
        When a label that the task names is not in the data, or fewer than two classes have samples.

    Examples
    --------
    >>> samples = pd.DataFrame({"label": ["normal", "covid", "other"]})
    >>> labelling = label_samples(samples, Task(classes=["normal", "covid"], positive="covid"))
    >>> labelling.rows, labelling.y, labelling.positive
    (array([0, 1]), array([0, 1]), 1)
    """
    labels = samples["label"]
    present = sorted(labels.unique())
    classes = task.classes or present
    members = dict(classes) if isinstance(classes, dict) else {name: [name] for name in classes}
    for label in (label for names in members.values() for label in names):
        if label not in present:
            raise DataError(
                f"there is no sample with the label {label!r}.{did_you_mean(label, present)}"
                f" Labels: {', '.join(present)}."
            )
    if len(members) < 2:
        raise DataError(
            f"all {len(samples)} samples have the one label {present[0]!r}; a task needs two classes."
        )
    positions = {label: k for k, names in enumerate(members.values()) for label in names}
    codes = labels.map(positions)
    rows = np.flatnonzero(codes.notna())
    names = tuple(members)
    positive = _positive(task, names)
    return Labelling(rows, codes.iloc[rows].to_numpy(dtype=np.int64), names, positive)


def _positive(task: Task, names: tuple[str, ...]) -> int | None:
    if task.positive is None:
        return None
    if task.positive not in names:
        raise DataError(
            f"there is no class {task.positive!r} to be positive.{did_you_mean(task.positive, names)}"
            f" Classes: {', '.join(names)}."
        )
    if len(names) != 2:
        raise DataError(f"a positive class needs a task of two classes; this one has {len(names)}.")
    return names.index(task.positive)
