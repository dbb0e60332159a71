"""A list of steps, from what a grid says to images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import ValidationError

from suite.errors import Problem, did_you_mean
from suite.preprocessing._copies import Copies
from suite.preprocessing._step import ImageStep, Step
from suite.preprocessing.butterworth_bandpass import ButterworthBandpass
from suite.preprocessing.clahe import Clahe
from suite.preprocessing.crop_center import CropCenter
from suite.preprocessing.normalize import Normalize
from suite.preprocessing.patches import Patches
from suite.preprocessing.resize import Resize
from suite.preprocessing.window import Window

__all__ = ["Preprocessing", "available_steps", "parse_steps"]

STEPS: dict[str, type[Step]] = {
    "resize": Resize,
    "crop_center": CropCenter,
    "clahe": Clahe,
    "butterworth_bandpass": ButterworthBandpass,
    "normalize": Normalize,
    "window": Window,
    "patches": Patches,
}
NAMES = {step: name for name, step in STEPS.items()}


def available_steps() -> dict[str, type[Step]]:
    """Return the steps by name, each a pydantic model of its parameters."""
    return dict(STEPS)


@dataclass(frozen=True)
class Preprocessing:
    """A list of steps, applied to each image alike.

    Attributes
    ----------
    steps : tuple of Step
        In the order in which they are applied; ``patches`` can only be the last one.
    copies : Copies or None
        Augmented copies that are made of what the steps give.

    Examples
    --------
    >>> preprocessing, problems = parse_steps([{"resize": {"size": 16}}, "clahe", {"patches": {"size": 8}}])
    >>> [tag for tag, image in preprocessing.apply(np.eye(32))]
    ['@y0-x0', '@y0-x8', '@y8-x0', '@y8-x8']
    """

    steps: tuple[Step, ...] = ()
    copies: Copies | None = None

    @property
    def expands(self) -> bool:
        """Whether one image becomes several."""
        return self.copies is not None or any(isinstance(step, Patches) for step in self.steps)

    @property
    def moves_places(self) -> str | None:
        """Name of the first step that cuts, pads or moves what the image shows; None if there is none."""
        moving = (NAMES[type(step)] for step in self.steps if not step.keeps_places)
        return next(moving, "augmentation" if self.copies else None)

    def apply(self, image: np.ndarray) -> list[tuple[str, np.ndarray]]:
        """Apply all steps to one image.

        Parameters
        ----------
        image : ndarray or MaskedArray of shape (H, W)

        Returns
        -------
        list of (str, ndarray or MaskedArray of float32)
            One image with the tag ``""``, or patches, each with its place as tag; each followed by its
            copies, with their numbers. Without any step the image keeps its type.

        Raises
        ------
        ValueError
            If a step cannot be done on this image, with the reason.
        """
        images = [("", image)]
        for step in self.steps:
            try:
                images = _applied(step, images[0][1])
            except ValueError as error:
                raise ValueError(f"{NAMES[type(step)]}: {error}") from error
        return images if self.copies is None else _with_copies(images, self.copies)

    def identity(self) -> list[dict[str, Any]]:
        """Return the steps as plain values, with every default filled in and the version of each.

        Examples
        --------
        >>> parse_steps(["clahe"])[0].identity()
        [{'step': 'clahe', 'version': 1, 'parameters': {'clip_limit': 0.01, 'tiles': 8}}]
        """
        steps: list[dict[str, Any]] = [
            {"step": NAMES[type(step)], "version": step.VERSION, "parameters": step.model_dump(mode="json")}
            for step in self.steps
        ]
        return steps if self.copies is None else [*steps, self.copies.identity()]

    def spec(self) -> list[dict[str, Any]]:
        """Return the steps as a grid would write them, with every default filled in.

        Examples
        --------
        >>> parse_steps(["clahe"])[0].spec()
        [{'clahe': {'clip_limit': 0.01, 'tiles': 8}}]
        """
        return [{NAMES[type(step)]: step.model_dump(mode="json")} for step in self.steps]


def parse_steps(
    spec: Sequence[Any], where: str = "preprocessing"
) -> tuple[Preprocessing | None, list[Problem]]:
    r"""Check a list of steps as a grid writes it.

    Parameters
    ----------
    spec : sequence
        Each item is the name of a step, or a mapping of its name to its parameters.
    where : str
        The path of the list in the grid, for messages.

    Returns
    -------
    Preprocessing or None
        None if there is a problem.
    list of Problem
        Every mistake with its path in the grid.

    Examples
    --------
    >>> print(*parse_steps(["clahee", {"resize": {"size": -1}}])[1], sep="\n")
    preprocessing.0: there is no step 'clahee'. Did you mean 'clahe'? ...
    preprocessing.1.resize.size: ...
    """
    steps: list[Step] = []
    problems: list[Problem] = []
    for index, item in enumerate(spec):
        try:
            steps.append(_parse_step(item))
        except LookupError as error:
            problems.append(Problem(f"{where}.{index}", str(error.args[0])))
        except ValidationError as error:
            problems += _step_problems(error, f"{where}.{index}.{_name(item)}", STEPS[_name(item)])
    misplaced = [index for index, step in enumerate(steps[:-1]) if isinstance(step, Patches)]
    problems += [Problem(f"{where}.{index}.patches", "must be the last step.") for index in misplaced]
    return (None, problems) if problems else (Preprocessing(tuple(steps)), [])


def _applied(step: Step, image: np.ndarray) -> list[tuple[str, np.ndarray]]:
    if isinstance(step, Patches):
        return step.cut(image)
    assert isinstance(step, ImageStep)
    return [("", step.apply(image))]


def _with_copies(images: list[tuple[str, np.ndarray]], copies: Copies) -> list[tuple[str, np.ndarray]]:
    return [
        (f"{tag}{suffix}", copy)
        for tag, image in images
        for suffix, copy in zip(copies.tags, copies.of(image), strict=True)
    ]


def _name(item: Any) -> str:
    return item if isinstance(item, str) else str(next(iter(item)))


def _parse_step(item: Any) -> Step:
    if not isinstance(item, str) and not (isinstance(item, dict) and len(item) == 1):
        raise LookupError(f"{item!r} is no step; write a name, or one name with its parameters.")
    name = _name(item)
    if name not in STEPS:
        raise LookupError(
            f"there is no step {name!r}.{did_you_mean(name, STEPS)} Available: {', '.join(STEPS)}."
        )
    parameters = {} if isinstance(item, str) else item[name]
    return STEPS[name].model_validate({} if parameters is None else parameters)


def _step_problems(error: ValidationError, where: str, step: type[Step]) -> list[Problem]:
    return [_step_problem(detail, where, step) for detail in error.errors()]


def _step_problem(detail: Any, where: str, step: type[Step]) -> Problem:
    names = [str(part) for part in detail["loc"] if str(part).isidentifier() and part in step.model_fields]
    path = ".".join([where, *names])
    if detail["type"] == "extra_forbidden":
        name, known = str(detail["loc"][-1]), list(step.model_fields)
        message = f"no such parameter.{did_you_mean(name, known)} Parameters: {', '.join(known)}."
        return Problem(f"{path}.{name}", message)
    message = str(detail["msg"]).removeprefix("Value error, ")
    given = f" (got {detail['input']!r})" if names and detail["type"] != "missing" else ""
    return Problem(path, f"{message}{given}.")
