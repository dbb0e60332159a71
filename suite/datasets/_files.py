"""Files below a data folder: which may be read, and which are there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from suite.datasets._paths import escapes
from suite.errors import DataError, Problem

__all__ = ["FileCheck", "walk"]


@dataclass(frozen=True)
class FileCheck:
    """Tells why a path that a table names cannot be used.

    Attributes
    ----------
    root : Path
        The data folder; paths are relative to it.
    follow_symlinks : bool
        Whether links may lead out of it.
    """

    root: Path
    follow_symlinks: bool

    def reason(self, path: str) -> str | None:
        """Return what is wrong with a path, or None."""
        if PurePosixPath(path).is_absolute() or PureWindowsPath(path).is_absolute():
            return f"{path!r} is an absolute path; paths must be relative to the table's folder."
        if ".." in PurePosixPath(path).parts or ".." in PureWindowsPath(path).parts:
            return f"{path!r} may lead out of the data folder; '..' is refused."
        if "\0" in path:
            return f"{path!r} is no file name."
        try:
            return self._reason_there(path)
        except OSError as error:
            return f"{path!r} cannot be reached: {error.strerror}."

    def _reason_there(self, path: str) -> str | None:
        file = self.root / path
        if not file.exists():
            hint = " Use forward slashes." if "\\" in path else ""
            return f"there is no file {path!r}.{hint}"
        if not file.is_file():
            return f"{path!r} is not a file."
        if not self.follow_symlinks and escapes(file, self.root):
            return (
                f"{path!r} is a link that leads out of the data folder; allow it with follow_symlinks: true."
            )
        return None


def walk(root: Path, follow_symlinks: bool) -> Iterator[Path]:
    """Yield all files below a folder, sorted by path; hidden files and folders are left out.

    Parameters
    ----------
    root : Path
        The data folder.
    follow_symlinks : bool
        Whether links may lead out of it.

    Yields
    ------
    Path
        Relative to ``root``.

    Raises
    ------
    DataError
        If a folder cannot be read, or a link leads out of ``root`` and may not.
    """
    found: list[Path] = []
    _collect(root, root, follow_symlinks, found, frozenset())
    yield from sorted(path.relative_to(root) for path in found)


def _collect(
    folder: Path, root: Path, follow_symlinks: bool, found: list[Path], above: frozenset[Path]
) -> None:
    real = folder.resolve()
    if real in above:
        raise DataError([Problem(_shown(folder, root), "is a link to a folder that contains it.")])
    try:
        entries = [entry for entry in os.scandir(folder) if not entry.name.startswith(".")]
    except OSError as error:
        raise DataError([Problem(_shown(folder, root), f"cannot be read: {error.strerror}.")]) from None
    for entry in entries:
        path = Path(entry.path)
        if entry.is_symlink() and not follow_symlinks and escapes(path, root):
            message = "is a link that leads out of the data folder; allow it with follow_symlinks: true."
            raise DataError([Problem(_shown(path, root), message)])
        if entry.is_dir():
            _collect(path, root, follow_symlinks, found, above | {real})
        else:
            found.append(path)


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()
