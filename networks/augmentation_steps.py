"""What an augmentation is to do, from what a grid says: names, lists of steps, and those of papers."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import ValidationError

from networks._augmentation_parameters import STEPS, GeometricStep, Resampling, Step

__all__ = [
    "PRESETS",
    "VERSION",
    "Step",
    "augmentation_spec",
    "available_presets",
    "available_steps",
    "parse_augmentation",
]

VERSION = 1
"""Raised whenever a step draws or computes something else: part of the key of what is stored."""

PRESETS: dict[str, list[Any]] = {
    # "Fine-tuned VGG19 and MobileNet": rotation, shifts and zoom are given. Shear is named without a
    # value: as many degrees as the rotation. Rescaling is the division by 255 that has been done
    # before.
    "vgg19_mobilenet": [
        {"rotation": {"degrees": 10}},
        {"shift": {"width": 0.2, "height": 0.2}},
        {"shear": {"degrees": 10}},
        {"zoom": {"range": 0.2}},
    ],
    # "Inception-v3, Xception, MobileNet": the twelve rows of Table 2, whose parameters are those of
    # imgaug. Not given are the scale and the strength of the perspective (here as in the longest
    # example of imgaug's README, which most rows are from), the fill, and how many of the changes one
    # image gets: all at once would leave little to be seen. In that example an image gets 0 to 5 of
    # such changes as the last eight here; so each has a probability of .3, which makes 2.4 of them on
    # average.
    "inception_xception": [
        {"resampling": {"interpolation": "random"}},
        {"horizontal_flip": {"probability": 0.5}},
        {"vertical_flip": {"probability": 0.2}},
        {"scale": {"range": [0.8, 1.2], "per_axis": True}},
        {"rotation": {"degrees": 10}},
        {"shear": {"degrees": 16, "direction": "vertical"}},
        {"perspective": {"scale": [0.01, 0.1], "probability": 0.3}},
        {"elastic": {"alpha": [0.5, 3.5], "sigma": 0.25, "probability": 0.3}},
        {"gaussian_blur": {"sigma": [0, 3], "probability": 0.3}},
        {"average_blur": {"kernel": [3, 5], "probability": 0.3}},
        {"median_blur": {"kernel": [3, 5], "probability": 0.3}},
        {"sharpen": {"alpha": [0, 1], "lightness": [0.9, 1.1], "probability": 0.3}},
        {"emboss": {"alpha": [0, 1], "strength": [0, 2], "probability": 0.3}},
        {"gaussian_noise": {"scale": [0, 0.01], "per_channel": 0.5, "probability": 0.3}},
    ],
    # "COV-19Net" names the steps and gives no value: those of "vgg19_mobilenet" where it has them. Its
    # 2,870 images per class are 7 × 410, so each technique may have made one image of each; here an
    # image gets all of them, drawn anew each time. Rescaling is the division by 255.
    "cov19net": [
        "vertical_flip",
        "horizontal_flip",
        {"rotation": {"degrees": 10}},
        {"shear": {"degrees": 10}},
        {"zoom": {"range": 0.2}},
        {"intensity_shift": {"range": 0.1}},
    ],
}
NAMES = {step: name for name, step in STEPS.items()}


def available_steps() -> dict[str, type[Step]]:
    """Return the steps by name, each a pydantic model of its parameters.

    Examples
    --------
    >>> available_steps()["rotation"]()
    Rotation(probability=1.0, degrees=(-10.0, 10.0))
    """
    return dict(STEPS)


def available_presets() -> list[str]:
    """Return the names of the augmentations that papers used.

    Examples
    --------
    >>> available_presets()
    ['vgg19_mobilenet', 'inception_xception', 'cov19net']
    """
    return list(PRESETS)


def augmentation_spec(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """Return steps as a grid would write them, with every default filled in.

    Parameters
    ----------
    steps : iterable of Step
        As :func:`parse_augmentation` returns them.

    Returns
    -------
    list of dict
        Names, numbers and lists only. Two augmentations that do the same in the same order have the same.

    Examples
    --------
    >>> augmentation_spec(parse_augmentation([{"rotation": {"degrees": 5}}]))
    [{'rotation': {'probability': 1.0, 'degrees': [-5.0, 5.0]}}]
    """
    return [{NAMES[type(step)]: step.model_dump(mode="json")} for step in steps]


def parse_augmentation(spec: str | Sequence[Any] | None) -> tuple[Step, ...]:
    r"""Check what a grid says about an augmentation.

    Parameters
    ----------
    spec : str, sequence or None
        The name of a preset; or a list in which each item is the name of a step, a mapping of one name to its
        parameters, or the name of a preset, whose steps are put in its place; or nothing: no augmentation.

    Returns
    -------
    tuple of Step
        In the order in which they are applied, with every default filled in.

    Raises
    ------
    ValueError
        With every mistake on a line of its own.

    Examples
    --------
    >>> parse_augmentation(["horizontal_flip", {"rotation": {"degrees": 5}}])
    (HorizontalFlip(probability=0.5), Rotation(probability=1.0, degrees=(-5.0, 5.0)))
    >>> parse_augmentation([{"rotate": {"degrees": 5}}])
    Traceback (most recent call last):
    ValueError: augmentation.0: there is no step or preset 'rotate'. Did you mean 'rotation'? Steps: ...
    """
    items, problems = _items(spec)
    steps: list[Step] = []
    for where, item in items:
        try:
            steps += _steps_of(item)
        except ValidationError as error:
            problems += [
                _problem(detail, f"{where}.{_name(item)}", STEPS[_name(item)]) for detail in error.errors()
            ]
        except ValueError as error:
            problems.append(f"{where}: {error}")
    if not problems and steps:
        problems += _unused_resampling(steps)
    if problems:
        raise ValueError("\n".join(dict.fromkeys(problems)))  # one number is both ends of a range
    return tuple(steps)


def _items(spec: Any) -> tuple[list[tuple[str, Any]], list[str]]:
    if spec is None:
        return [], []
    if isinstance(spec, str):
        return [("augmentation", spec)], []
    if isinstance(spec, Sequence):
        return [(f"augmentation.{index}", item) for index, item in enumerate(spec)], []
    return [], [f"augmentation: must be the name of a preset or a list of steps (got {spec!r})."]


def _name(item: Any) -> str:
    return item if isinstance(item, str) else str(next(iter(item)))


def _steps_of(item: Any) -> list[Step]:
    if not isinstance(item, str) and not (isinstance(item, dict) and len(item) == 1):
        raise ValueError(f"{item!r} is no step; write a name, or one name with its parameters.")
    name = _name(item)
    if name in PRESETS and not isinstance(item, str):
        raise ValueError(f"the preset {name!r} takes no parameters; write its name alone, or its steps.")
    if name in PRESETS:
        return [step for part in PRESETS[name] for step in _steps_of(part)]
    if name not in STEPS:
        raise ValueError(_unknown(name))
    parameters = None if isinstance(item, str) else item[name]
    return [STEPS[name].model_validate({} if parameters is None else parameters)]


def _unknown(name: str) -> str:
    near = _did_you_mean(name, [*STEPS, *PRESETS])
    available = f"Steps: {', '.join(STEPS)}. Presets: {', '.join(PRESETS)}."
    return f"there is no step or preset {name!r}.{near} {available}"


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name.lower(), list(known), n=1, cutoff=0.6)
    return f" Did you mean {near[0]!r}?" if near else ""


def _problem(detail: Any, where: str, step: type[Step]) -> str:
    known = list(step.model_fields)
    if detail["type"] == "extra_forbidden":
        name = str(detail["loc"][-1])
        near = _did_you_mean(name, known)
        return f"{where}.{name}: no such parameter.{near} Parameters: {', '.join(known)}."
    if not detail["loc"]:
        return f"{where}: must be a mapping of parameters to values (got {detail['input']!r})."
    message = str(detail["msg"]).removeprefix("Value error, ").replace("Input should be", "must be")
    return f"{where}.{detail['loc'][0]}: {message} (got {detail['input']!r})."


def _unused_resampling(steps: list[Step]) -> list[str]:
    moving = [index for index, step in enumerate(steps) if isinstance(step, GeometricStep)]
    last = moving[-1] if moving else -1
    if any(isinstance(step, Resampling) for step in steps[last + 1 :]):
        return ["augmentation: 'resampling' is about the geometric steps after it, and none follows."]
    return []
