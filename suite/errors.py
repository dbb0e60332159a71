"""What goes wrong, in words a user can act on."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = [
    "BadImageError",
    "DataError",
    "GridError",
    "PluginError",
    "Problem",
    "RunDirectoryError",
    "SuiteError",
    "UnknownPluginError",
    "did_you_mean",
]


@dataclass(frozen=True)
class Problem:
    """One mistake: where it is (a path in the grid, a file, a row) and what is wrong there."""

    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


class SuiteError(Exception):
    """A user's mistake, or a fault of the machine, that is told without a traceback."""


class _ProblemsError(SuiteError):
    """Several mistakes, told at once."""

    def __init__(self, problems: Sequence[Problem] | str) -> None:
        if isinstance(problems, str):
            problems = [Problem("", problems)]
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type, tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)


class GridError(_ProblemsError):
    """The grid file is refused."""


class DataError(_ProblemsError):
    """The data that a grid names are refused."""


class RunDirectoryError(SuiteError):
    """A run directory is missing, incomplete, foreign or cannot be written."""


class PluginError(SuiteError):
    """A plugin's file cannot be used."""


class UnknownPluginError(SuiteError):
    """No plugin has the name that was asked for."""


class BadImageError(SuiteError):
    """One image cannot be used: ``path`` and ``reason``."""

    def __init__(self, path: str, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path}: {reason}")

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        return type(self), (self.path, self.reason)


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return `` Did you mean 'glcm'?`` for a near miss, else an empty string.

    Examples
    --------
    >>> did_you_mean("glmc", ["gldm", "glcm", "dwt"])
    " Did you mean 'glcm'?"
    >>> did_you_mean("zernike", ["glcm", "dwt"])
    ''
    """
    written = {str(known).lower(): known for known in names}
    wrong = str(name).lower()
    near = difflib.get_close_matches(wrong, list(written), n=5, cutoff=0.6)
    near.sort(key=lambda known: sorted(known) != sorted(wrong))  # letters in another order come first
    return f" Did you mean {written[near[0]]!r}?" if near else ""
