"""Images listed in a table."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pandas as pd

from suite.datasets._boxes import boxes_of, read_boxes
from suite.datasets._dataset import STANDARD_COLUMNS, Dataset
from suite.datasets._files import FileCheck
from suite.datasets._groups import connected_groups
from suite.datasets._images import FileImage
from suite.datasets._paths import listed
from suite.datasets._rows import empty_cells, repeated_images, repeated_values, with_rows
from suite.datasets._selection import rows_where
from suite.datasets._source import DatasetSource, Locate
from suite.datasets._tables import read_table, require_columns, row_name
from suite.errors import DataError, Problem

__all__ = ["Manifest"]

AUTOMATIC = {
    "group": ("patient_id", "patient", "subject_id", "subject", "group"),
    "source": ("source",),
    "split": ("split",),
}


class Manifest(DatasetSource):
    """A CSV file with one row per image; further columns are kept.

    Attributes
    ----------
    path : str
        The CSV file. Image paths in it are relative to its folder and may not lead out of it.
    image, label : str
        Columns with the path of the image and its class.
    group : str, list of str, or None
        Columns that say which images belong together: those that share a value in any of them, directly or
        through others, are one group. An empty cell links to nothing. ``auto`` takes the first of the columns
        patient_id, patient, subject_id, subject and group that is there. ``null``: not grouped.
    source, split : str or None
        Columns with the origin and the official part (train, val, test); ``auto`` takes the column of that
        name if there is one.
    mask : str or None
        Column with the path of a mask image (other than 0 = inside); an empty cell means no mask.
    boxes : str or None
        CSV file with the columns path (as in this table), x, y, width and height, in pixels of the image,
        maybe several rows an image: boxes around what an image should be judged by. They tell whether
        networks look there, and train none.
    id : str or None
        Column with a unique name of each sample; by default the path of the image.
    separator : str
        What parts the cells; ``auto`` goes by the header.
    encoding : str
        The encoding of the CSV file.
    follow_symlinks : bool
        Whether links may lead out of the folder.
    """

    path: str
    image: str = "path"
    label: str = "label"
    group: str | list[str] | None = "auto"
    source: str | None = "auto"
    split: str | None = "auto"
    mask: str | None = None
    boxes: str | None = None
    id: str | None = None
    separator: Literal["auto", ",", ";", "\t", "|"] = "auto"
    encoding: str = "utf-8"
    follow_symlinks: bool = False

    def _load_all(self, locate: Locate) -> Dataset:
        file = locate(self.path)
        table = read_table(file, None if self.separator == "auto" else self.separator, self.encoding)
        require_columns(table, self._wanted_columns(table), file)
        samples, every_image = self._samples(table), table[self.image]
        boxes = read_boxes(locate(self.boxes)) if self.boxes else None
        if self.where:
            samples = samples[rows_where(samples, self.where)]
        table = table.loc[samples.index]
        problems = self._problems(table, file)
        if problems:
            raise DataError(listed(problems))
        found, note = None, ""
        if boxes is not None:
            found, note = boxes_of(table[self.image], every_image, boxes, Path(str(self.boxes)).name)
        return Dataset(
            samples=samples.reset_index(drop=True),
            images=self._images(table, file.parent),
            grouped=bool(samples["group"].notna().any()),
            synthetic=False,
            description=f"{len(samples)} images from {file.name}",
            boxes=found,
            boxes_note=note,
        )

    def _images(self, table: pd.DataFrame, root: Path) -> tuple[FileImage, ...]:
        masks = table[self.mask] if self.mask else pd.Series(None, index=table.index, dtype="str")
        return tuple(
            FileImage(
                root=str(root), path=path, mask=None if pd.isna(mask) else mask, max_pixels=self.max_pixels
            )
            for path, mask in zip(table[self.image], masks, strict=True)
        )

    def _column(self, option: str, table: pd.DataFrame) -> str | None:
        chosen = getattr(self, option)
        if chosen != "auto":
            return chosen
        return next((name for name in AUTOMATIC[option] if name in table.columns), None)

    def _group_columns(self, table: pd.DataFrame) -> list[str]:
        if isinstance(self.group, list):
            return list(dict.fromkeys(self.group))
        column = self._column("group", table)
        return [column] if column else []

    def _wanted_columns(self, table: pd.DataFrame) -> dict[str, str]:
        wanted: dict[str, str | None]
        wanted = {"image": self.image, "label": self.label, "mask": self.mask, "id": self.id}
        wanted |= {option: self._column(option, table) for option in ("source", "split")}
        wanted |= {f"group {name}": name for name in self._group_columns(table)}
        return {option: name for option, name in wanted.items() if name is not None}

    def _samples(self, table: pd.DataFrame) -> pd.DataFrame:
        """Put the standard columns first; the index stays the row number."""
        empty = pd.Series(pd.NA, index=table.index, dtype="str")
        used: dict[str, str | None] = {"sample_id": self.id or self.image, "label": self.label}
        used |= {option: self._column(option, table) for option in ("source", "split")}
        columns = {name: table[column] if column else empty for name, column in used.items()}
        group_columns = self._group_columns(table)
        known = bool(group_columns) and bool(table[group_columns].notna().to_numpy().any())
        columns["group"] = connected_groups(table[group_columns], columns["sample_id"]) if known else empty
        used["group"] = group_columns[0] if len(group_columns) == 1 else None
        for name in table.columns:
            if name not in STANDARD_COLUMNS:
                columns[name] = table[name]
            elif used[name] != name:  # another column took its place
                columns[f"{name}_in_manifest"] = table[name]
        rest = [name for name in columns if name not in STANDARD_COLUMNS]
        return pd.DataFrame(columns)[[*STANDARD_COLUMNS, *rest]]

    def _problems(self, table: pd.DataFrame, file: Path) -> list[Problem]:
        """Check row by row; a row may have several problems."""
        check = FileCheck(file.parent, self.follow_symlinks)
        found = empty_cells(table[self.image], "image") + empty_cells(table[self.label], "label")
        for column in filter(None, (self.image, self.mask)):
            reasons = ((row, check.reason(path)) for row, path in with_rows(table[column]))
            found += [(row, reason) for row, reason in reasons if reason]
        found += repeated_images(table, self.image, self.label)
        if self.id:
            found += empty_cells(table[self.id], "id") + repeated_values(table[self.id])
        return [Problem(row_name(file, row), message) for row, message in sorted(found)]
