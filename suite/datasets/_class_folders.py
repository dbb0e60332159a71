"""Files sorted into one folder per class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from suite.datasets._files import walk
from suite.datasets._paths import listed
from suite.errors import DataError, Problem

__all__ = ["SPLITS", "ClassFolders", "Placed", "read_class_folders", "require_folder"]

SPLITS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
    "testing": "test",
}


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A file and what its folders say.

    Attributes
    ----------
    path : str
        Relative to the data folder, with forward slashes.
    label : str
        The name of the class folder.
    split : str or None
        ``train``, ``val`` or ``test`` where such folders lie above those of the classes.
    """

    path: str
    label: str
    split: str | None


@dataclass(frozen=True, kw_only=True)
class ClassFolders:
    """What a data folder holds.

    Attributes
    ----------
    files : tuple of Placed
        Sorted by path.
    others : tuple of str
        Files of other kinds, which are not used.
    """

    files: tuple[Placed, ...]
    others: tuple[str, ...]

    @property
    def remark(self) -> str:
        """Half a sentence on the files that are not used, or nothing."""
        if not self.others:
            return ""
        shown = ", ".join(self.others[:3]) + (", …" if len(self.others) > 3 else "")
        return f"; {len(self.others)} other files left out ({shown})"


def require_folder(folder: Path) -> None:
    """Raise a DataError unless ``folder`` is one."""
    if not folder.is_dir():
        raise DataError([Problem(folder.name, "is a file; a folder is expected.")])


def read_class_folders(root: Path, is_wanted: Callable[[Path], bool], follow_symlinks: bool) -> ClassFolders:
    """List the files of each class folder, at any depth below it.

    If every folder in ``root`` is called train, val (valid, validation) or test, the classes are looked for
    in those, and they are the official split.

    Parameters
    ----------
    root : Path
        The data folder.
    is_wanted : callable
        Tells by a relative path whether a file is meant to be an image.
    follow_symlinks : bool
        Whether links may lead out of ``root``.

    Returns
    -------
    ClassFolders

    Raises
    ------
    DataError
        If there is no class folder, one of them is empty, or an image lies beside them.
    """
    require_folder(root)
    found = list(walk(root, follow_symlinks))
    splits = _has_splits(root)
    depth = 2 if splits else 1
    wanted = [path for path in found if is_wanted(path)]
    stray = [path for path in wanted if len(path.parts) <= depth]
    problems = [
        Problem(path.as_posix(), "lies beside the class folders, and so has no label.") for path in stray
    ]
    used = {path.parts[:depth] for path in wanted}
    folders = _class_folders(root, splits)
    problems += [
        Problem("/".join(parts), "this class folder has no image in it.")
        for parts in folders
        if parts not in used
    ]
    if not folders:
        problems.append(Problem(root.name, "there is no folder in it; one sub-folder per class is expected."))
    if problems:
        raise DataError(listed(problems))
    files = tuple(
        Placed(
            path=path.as_posix(),
            label=path.parts[depth - 1],
            split=SPLITS[path.parts[0].lower()] if splits else None,
        )
        for path in wanted
    )
    return ClassFolders(files=files, others=tuple(p.as_posix() for p in found if not is_wanted(p)))


def _has_splits(root: Path) -> bool:
    names = [folder.name.lower() for folder in _folders(root)]
    return "train" in {SPLITS.get(name) for name in names} and all(name in SPLITS for name in names)


def _class_folders(root: Path, splits: bool) -> list[tuple[str, ...]]:
    if not splits:
        return [(folder.name,) for folder in _folders(root)]
    return [(part.name, folder.name) for part in _folders(root) for folder in _folders(part)]


def _folders(folder: Path) -> list[Path]:
    return sorted(entry for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith("."))
