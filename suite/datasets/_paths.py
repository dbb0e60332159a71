"""Where a path of the grid leads, and what may be reached from there."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from suite.errors import DataError, Problem, did_you_mean

__all__ = ["Locator", "escapes", "listed"]

SHOWN = 20


@dataclass(frozen=True)
class Locator:
    """Finds the files that a grid names.

    Attributes
    ----------
    folders : tuple of Path
        Where a relative path is looked for, in this order.
    """

    folders: tuple[Path, ...]

    @classmethod
    def for_grid(cls, grid_folder: Path, environment: Mapping[str, str] = os.environ) -> Locator:
        """Look beside the grid file, then under ``$SUITE_DATA``."""
        data = environment.get("SUITE_DATA")
        return cls((grid_folder, Path(data)) if data else (grid_folder,))

    def __call__(self, path: str) -> Path:
        """Return the first place where ``path`` exists, as an absolute path.

        Raises
        ------
        DataError
            If it exists nowhere: with the places, and the nearest name that is there.
        """
        written = Path(path).expanduser()
        places = [folder / written for folder in self.folders]  # an absolute path stays what it is
        for place in places:
            if place.exists():
                return place.absolute()
        tried = ", ".join(dict.fromkeys(str(place) for place in places))
        hint = (
            "" if len(self.folders) > 1 else " The variable SUITE_DATA may name a further folder to look in."
        )
        raise DataError(
            [Problem(path, f"no such file or folder; looked for {tried}.{_nearest(places)}{hint}")]
        )


def escapes(file: Path, folder: Path) -> bool:
    """Tell whether ``file``, with links followed, lies outside ``folder``.

    Examples
    --------
    >>> escapes(Path("data/../secret.png"), Path("data"))
    True
    """
    return not file.resolve().is_relative_to(folder.resolve())


def listed(problems: Sequence[Problem]) -> list[Problem]:
    """Return the first problems and, in place of the others, their number."""
    if len(problems) <= SHOWN:
        return list(problems)
    return [*problems[:SHOWN], Problem("", f"and {len(problems) - SHOWN} more problems like these.")]


def _nearest(places: Sequence[Path]) -> str:
    for place in places:
        for part in (place, *place.parents):
            if part.parent.is_dir():
                hint = did_you_mean(part.name, sorted(entry.name for entry in part.parent.iterdir()))
                if hint:
                    return hint
                break
    return ""
