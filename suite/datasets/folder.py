"""Images sorted into folders."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import Annotated

import pandas as pd
from pydantic import AfterValidator

from suite.datasets._class_folders import ClassFolders, read_class_folders
from suite.datasets._dataset import STANDARD_COLUMNS, Dataset
from suite.datasets._images import IMAGE_SUFFIXES, FileImage
from suite.datasets._paths import listed
from suite.datasets._source import DatasetSource, Locate
from suite.errors import DataError, Problem

__all__ = ["Folder"]


def _one_group(pattern: str) -> str:
    try:
        groups = re.compile(pattern).groups
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from None
    if groups != 1:
        raise ValueError(f"needs exactly one pair of parentheses, around the patient; it has {groups}")
    return pattern


class Folder(DatasetSource):
    r"""One sub-folder per class, or train / val / test with one sub-folder per class in each.

    Images may lie deeper. Hidden files are left out; other files too, and counted in the description.

    Attributes
    ----------
    path : str
        The folder.
    group : str or None
        A regular expression with one pair of parentheses that finds the patient in a file's name, such as
        ``^(\d+)_``; every name must match. ``null``: not grouped.
    follow_symlinks : bool
        Whether links may lead out of the folder.
    """

    path: str
    group: Annotated[str, AfterValidator(_one_group)] | None = None
    follow_symlinks: bool = False

    def _load_all(self, locate: Locate) -> Dataset:
        root = locate(self.path)
        found = read_class_folders(root, _is_image, self.follow_symlinks)
        groups = self._groups(found)
        rows = [
            (placed.path, placed.label, group, None, placed.split)
            for placed, group in zip(found.files, groups, strict=True)
        ]
        images = tuple(
            FileImage(root=str(root), path=placed.path, max_pixels=self.max_pixels) for placed in found.files
        )
        return Dataset(
            samples=pd.DataFrame(rows, columns=list(STANDARD_COLUMNS), dtype="str"),
            images=images,
            grouped=self.group is not None,
            synthetic=False,
            description=f"{len(images)} images in the class folders of {root.name}{found.remark}",
        )

    def _groups(self, found: ClassFolders) -> list[str | None]:
        if self.group is None:
            return [None] * len(found.files)
        matches = {file.path: re.search(self.group, PurePosixPath(file.path).name) for file in found.files}
        groups = [match.group(1) if match else None for match in matches.values()]
        problems = [
            Problem(path, f"its name does not match group: {self.group}")
            for path, group in zip(matches, groups, strict=True)
            if not group
        ]
        if problems:
            raise DataError(listed(problems))
        return groups


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in IMAGE_SUFFIXES
