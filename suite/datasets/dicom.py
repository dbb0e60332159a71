"""DICOM files, without the identity of patients."""

from __future__ import annotations

import hashlib
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

import pandas as pd
from pydantic import AfterValidator
from pydicom.datadict import tag_for_keyword

from suite.datasets._class_folders import read_class_folders, require_folder
from suite.datasets._dataset import STANDARD_COLUMNS, Dataset
from suite.datasets._dicom_image import DicomImage, open_dicom
from suite.datasets._files import walk
from suite.datasets._paths import listed
from suite.datasets._rows import empty_cells, repeated_values, with_rows
from suite.datasets._source import DatasetSource, Locate
from suite.datasets._tables import read_table, require_columns, row_name
from suite.errors import BadImageError, DataError, Problem
from suite.preprocessing.window import Window

__all__ = ["Dicom"]

SUFFIXES = frozenset({"", ".dcm", ".dicom", ".dic", ".ima"})
OPENLY = {"Modality": "modality", "ViewPosition": "view"}
HARMLESS = frozenset({*OPENLY, "Manufacturer", "ManufacturerModelName", "BodyPartExamined"})
IDENTIFYING = ("PatientID", "StudyInstanceUID", "SOPInstanceUID")


def _known_keyword(keyword: str) -> str:
    if tag_for_keyword(keyword) is None:
        raise ValueError("is no DICOM keyword, such as Manufacturer or InstitutionName")
    return keyword


class Dicom(DatasetSource):
    """A folder of DICOM files with one grey picture each; labels from sub-folders or from a CSV file.

    Grey values are rescaled (slope and intercept, or the modality LUT); MONOCHROME1 is inverted. The patient
    (PatientID) is the group. Nothing that identifies a patient is kept: samples and groups have pseudonyms,
    hashed with a secret that is derived from all headers together, so that they cannot be guessed without the
    data. They change when files are added. Images that cannot be used are called by their place in the sorted
    list of paths.

    Attributes
    ----------
    path : str
        The folder. Files ending in .dcm, .dicom, .dic or .ima, or without an ending, are taken.
    labels : str or None
        A CSV file with a label for each file; its other columns are not kept. By default the first sub-folder
        is the label (also train / val / test with one sub-folder per class in each).
    file, label : str
        Columns of that CSV file: the path relative to the folder, and the class.
    source : str or None
        DICOM keyword of the origin. Others than Manufacturer, ManufacturerModelName, Modality, ViewPosition
        and BodyPartExamined get pseudonyms.
    window : {center, width}, "header" or None
        Map a window of grey values to 0 to 1: one for all, or the first of each header.
    follow_symlinks : bool
        Whether links may lead out of the folder.
    """

    path: str
    labels: str | None = None
    file: str = "path"
    label: str = "label"
    source: Annotated[str, AfterValidator(_known_keyword)] | None = "Manufacturer"
    window: Window | Literal["header"] | None = None
    follow_symlinks: bool = False

    def _load_all(self, locate: Locate) -> Dataset:
        root = locate(self.path)
        require_folder(root)
        rows = self._labelled(root, locate)
        headers = self._headers(root, rows)
        salt = hashlib.blake2b(headers[list(IDENTIFYING)].to_csv(index=False).encode()).digest()
        samples = self._samples(rows, headers, salt)
        images = tuple(
            DicomImage(
                file=str(root / path),
                path=f"{name} (file {place} of {len(rows)} in order of path)",
                salt=salt,
                window=self.window,
                max_pixels=self.max_pixels,
            )
            for place, (path, name) in enumerate(
                zip(rows["path"], samples["sample_id"], strict=True), start=1
            )
        )
        return Dataset(
            samples=samples,
            images=images,
            grouped=bool(headers["PatientID"].notna().any()),
            synthetic=False,
            description=f"{len(images)} DICOM images, patients under pseudonyms",
        )

    def _labelled(self, root: Path, locate: Locate) -> pd.DataFrame:
        """Return path, label and split of every file."""
        if self.labels is None:
            placed = read_class_folders(root, _is_dicom, self.follow_symlinks).files
            rows = [(file.path, file.label, file.split) for file in placed]
            return pd.DataFrame(rows, columns=["path", "label", "split"], dtype="str")
        paths = [path.as_posix() for path in walk(root, self.follow_symlinks) if _is_dicom(path)]
        labels = self._labels_from(locate(self.labels), paths)
        rows = [(path, labels[path], None) for path in paths]
        return pd.DataFrame(rows, columns=["path", "label", "split"], dtype="str")

    def _labels_from(self, table_file: Path, paths: list[str]) -> dict[str, str]:
        table = read_table(table_file)
        require_columns(table, {"file": self.file, "label": self.label}, table_file)
        named = table[self.file].map(lambda path: PurePosixPath(path).as_posix(), na_action="ignore")
        found = empty_cells(table[self.file], "file") + empty_cells(table[self.label], "label")
        found += repeated_values(named)
        known = set(paths)
        found += [
            (row, "names no DICOM file in the folder.") for row, path in with_rows(named) if path not in known
        ]
        problems = [Problem(row_name(table_file, row), message) for row, message in sorted(found)]
        unnamed = len(known - set(named.dropna()))
        if unnamed:
            problems.append(
                Problem(table_file.name, f"{unnamed} of the {len(paths)} DICOM files have no row.")
            )
        if problems:
            raise DataError(listed(problems))
        return dict(zip(named, table[self.label], strict=True))

    def _headers(self, root: Path, rows: pd.DataFrame) -> pd.DataFrame:
        """Read what is needed of each header; a file that cannot be read is told when its pixels are."""
        keywords = list(dict.fromkeys([*IDENTIFYING, *OPENLY, *([self.source] if self.source else [])]))
        values = []
        for place, path in enumerate(rows["path"], start=1):
            try:
                with open_dicom(root / path, f"DICOM file {place}", pixels=False, tags=keywords) as header:
                    values.append([str(header.get(keyword) or "") or None for keyword in keywords])
            except BadImageError:
                values.append([None] * len(keywords))
        return pd.DataFrame(values, columns=keywords, dtype="str")

    def _samples(self, rows: pd.DataFrame, headers: pd.DataFrame, salt: bytes) -> pd.DataFrame:
        def pseudonym(kind: str, column: pd.Series) -> pd.Series:
            return column.map(lambda value: f"{kind}-{_hashed(f'{kind}:{value}', salt)}", na_action="ignore")

        samples = pd.DataFrame({"sample_id": pseudonym("dicom", rows["path"]), "label": rows["label"]})
        patients = pseudonym("patient", headers["PatientID"].str.strip())
        known = patients.notna().any()
        samples["group"] = patients.fillna("sample=" + samples["sample_id"]) if known else patients
        source = headers[self.source] if self.source else pd.Series(None, index=rows.index, dtype="str")
        samples["source"] = source if self.source in HARMLESS else pseudonym("source", source)
        samples["split"] = rows["split"]
        for keyword, column in OPENLY.items():
            samples[column] = headers[keyword]
        return samples.astype("str")[[*STANDARD_COLUMNS, *OPENLY.values()]]


def _is_dicom(path: Path) -> bool:
    numbered = path.suffix[1:].isdigit()  # 1.2.840.113 is a name, not an ending
    return path.name.upper() != "DICOMDIR" and (numbered or path.suffix.lower() in SUFFIXES)


def _hashed(text: str, salt: bytes) -> str:
    return hashlib.blake2b(text.encode(), key=salt, digest_size=8).hexdigest()
