"""Descriptions of the data and of the folds: pure functions from data frames to data frames."""

from __future__ import annotations

import pandas as pd

__all__ = ["counts_by_source", "describe_classes", "folds_table", "source_purity", "task_classes"]

UNKNOWN = "(none)"


def counts_by_source(samples: pd.DataFrame) -> pd.DataFrame:
    """Count images and patients of each label × source × split.

    Returns
    -------
    DataFrame
        dataset, label, source, split, images, patients (missing if the data name no patients).

    Examples
    --------
    >>> samples = pd.DataFrame({"dataset": "d", "label": ["a", "a", "b"], "source": ["s", "s", None],
    ...                         "split": None, "group": ["p", "p", "q"]})
    >>> counts_by_source(samples).values.tolist()
    [['d', 'a', 's', '(none)', 2, 1], ['d', 'b', '(none)', '(none)', 1, 1]]
    """
    by = ["dataset", "label", "source", "split"]
    named = samples.assign(**{name: samples[name].astype(object).fillna(UNKNOWN) for name in by[2:]})
    return (
        named.groupby(by, sort=False)
        .agg(images=("label", "size"), patients=("group", "nunique"))
        .reset_index()
        .assign(patients=lambda table: table["patients"].where(table["patients"] > 0).astype("Int64"))
    )


def source_purity(samples: pd.DataFrame) -> pd.DataFrame:
    """Share of each label's images that come from its most frequent source, and that source's purity.

    A label of which all images come from one source that holds nothing else cannot be told from the
    source: a classifier may have learned the hospital.

    Returns
    -------
    DataFrame
        dataset, label, main_source, share (of the label's images that the source gave), purity (of the
        source's images that have the label). Empty if no source is named.

    Examples
    --------
    >>> samples = pd.DataFrame({"dataset": "d", "label": ["a", "a", "b", "b"], "source": list("ssst")})
    >>> source_purity(samples).round(2).values.tolist()
    [['d', 'a', 's', 1.0, 0.67], ['d', 'b', 's', 0.5, 0.33]]
    """
    known = samples[samples["source"].notna()]
    pairs = known.groupby(["dataset", "label", "source"], sort=False).size().rename("n").reset_index()
    pairs["share"] = pairs["n"] / pairs.groupby(["dataset", "label"])["n"].transform("sum")
    pairs["purity"] = pairs["n"] / pairs.groupby(["dataset", "source"])["n"].transform("sum")
    largest = pairs.sort_values("n", ascending=False, kind="stable").drop_duplicates(["dataset", "label"])
    largest = largest.sort_index().rename(columns={"source": "main_source"})
    return largest[["dataset", "label", "main_source", "share", "purity"]].reset_index(drop=True)


def describe_classes(samples: pd.DataFrame) -> pd.DataFrame:
    """Images, patients, images per patient, sizes and formats of each label.

    Returns
    -------
    DataFrame
        dataset, label, images, patients, per_patient_median, per_patient_max, width_median,
        width_min, width_max, height_median, height_min, height_max (pixels), formats, bit_depths.
    """
    grouped = samples.groupby(["dataset", "label"], sort=False)
    described = grouped.agg(
        images=("label", "size"),
        patients=("group", "nunique"),
        **{
            f"{side}_{name}": (side, name)
            for side in ("width", "height")
            for name in ("median", "min", "max")
        },
        formats=("format", _listed),
        bit_depths=("bit_depth", _listed),
    )
    per_patient = (
        samples.groupby(["dataset", "label", "group"])
        .size()
        .groupby(["dataset", "label"])
        .agg(["median", "max"])
    )
    described["patients"] = described["patients"].where(described["patients"] > 0).astype("Int64")
    return described.join(per_patient.add_prefix("per_patient_")).reset_index()


def _listed(values: pd.Series) -> str:
    return ", ".join(str(value) for value in values.dropna().value_counts().index)


def task_classes(classes: pd.DataFrame, dataset: str, task: str) -> tuple[list[str], str | None]:
    """Classes of a task in their order, and the positive one if it has one.

    Examples
    --------
    >>> table = pd.DataFrame({"dataset": "d", "task": "t", "class": ["b", "a"], "position": [1, 0],
    ...                       "positive": [True, False]})
    >>> task_classes(table, "d", "t")
    (['a', 'b'], 'b')
    """
    rows = classes[(classes["dataset"] == dataset) & (classes["task"] == task)].sort_values("position")
    positive = rows.loc[rows["positive"].astype(bool), "class"].tolist()
    return rows["class"].tolist(), positive[0] if positive else None


def folds_table(folds: pd.DataFrame, samples: pd.DataFrame, predictions: pd.DataFrame) -> pd.DataFrame:
    """Sizes of the folds of each protocol, and patients that stand on both sides of a fold.

    Parameters
    ----------
    folds, samples : DataFrame
        ``results/folds.parquet``, ``results/samples.parquet``.
    predictions : DataFrame
        dataset, sample_id, group: names the patients of patches, which ``samples`` does not list.

    Returns
    -------
    DataFrame
        dataset, preprocessing, task, protocol, variant (of an ablation, if it splits otherwise), repeats,
        folds (all repeats together), train_min, train_max, test_min, test_max (samples), shared_patients
        (the most patients that one fold has both in training and in test; missing if no patients are
        known).
    """
    by = ["dataset", "preprocessing", "task", "protocol", "variant"]
    members = _with_groups(folds, samples, predictions)
    one_fold = [*by, "repeat", "fold"]
    sizes = members.groupby([*one_fold, "part"], sort=False).size().unstack("part", fill_value=0)
    sizes = sizes.reindex(columns=["train", "test"], fill_value=0)
    sides = members.dropna(subset="group").groupby([*one_fold, "group"])["part"].nunique()
    shared = (sides > 1).groupby(one_fold).sum().reindex(sizes.index).rename("shared")
    table = sizes.join(shared).reset_index()
    return (
        table.groupby(by, sort=False)
        .agg(
            repeats=("repeat", "nunique"),
            folds=("fold", "size"),
            train_min=("train", "min"),
            train_max=("train", "max"),
            test_min=("test", "min"),
            test_max=("test", "max"),
            shared_patients=("shared", "max"),
        )
        .reset_index()
        .astype({"shared_patients": "Int64"})
    )


def _with_groups(folds: pd.DataFrame, samples: pd.DataFrame, predictions: pd.DataFrame) -> pd.DataFrame:
    columns = ["dataset", "sample_id", "group"]
    known = pd.concat([samples[columns], predictions[columns]])
    groups = known.dropna().drop_duplicates(columns[:2])
    return folds.merge(groups, on=columns[:2], how="left", sort=False)
