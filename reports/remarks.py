"""What must be said beside the name of a protocol, an extractor or a classifier, wherever it stands."""

from __future__ import annotations

from typing import Any

import pandas as pd

__all__ = ["with_remarks"]

REMARKED = ("protocol", "extractor", "classifier")


def with_remarks(
    tables: dict[str, pd.DataFrame], grid: dict[str, Any]
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """Put remarks into the names that every table shows: ``inception (random weights)``.

    Parameters
    ----------
    tables : dict of DataFrame
        ``cells`` and ``metrics``, with a column for each remark, such as ``extractor_remark`` (empty: none),
        and ``folds``, which names protocols.
    grid : dict
        The resolved grid; what it quotes from publications names them, too.
    """
    cells = tables["cells"]
    shown = {**tables, "cells": _renamed(cells), "metrics": _renamed(tables["metrics"])}
    protocols = dict(zip(cells["protocol"], shown["cells"]["protocol"], strict=True))
    shown["folds"] = tables["folds"].assign(protocol=tables["folds"]["protocol"].replace(protocols))
    return shown, {**grid, "published": [_quoted(entry, cells) for entry in grid.get("published") or ()]}


def _renamed(frame: pd.DataFrame) -> pd.DataFrame:
    names = {}
    for column in REMARKED:
        remark = frame[f"{column}_remark"].astype(object).fillna("")
        names[column] = frame[column].where(remark == "", frame[column] + " (" + remark + ")")
    return frame.assign(**names)


def _quoted(entry: dict[str, Any], cells: pd.DataFrame) -> dict[str, Any]:
    changed = {}
    for column in REMARKED:
        own = cells[(cells["role"] == "cell") & (cells[column] == entry.get(column))]
        if len(own):
            changed[column] = _renamed(own.iloc[:1])[column].iloc[0]
    return {**entry, **changed}
