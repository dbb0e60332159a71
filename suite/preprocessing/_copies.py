"""Augmented copies that stand beside each image: what a grid says of them, and how they are made."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, field_validator

from networks.augmentation_steps import VERSION as AUGMENTATION_VERSION
from networks.augmentation_steps import augmentation_spec, parse_augmentation

__all__ = ["DEFAULT_STEPS", "Copies"]

VERSION = 1  # raised whenever copies of the same image change, beside the version of the steps
DEFAULT_STEPS = "vgg19_mobilenet"


class Copies(BaseModel):
    """How many augmented copies of each image are made, and how.

    Attributes
    ----------
    copies : int
        Beside the image itself.
    steps : str or list
        A named augmentation or a list of its steps, as :func:`networks.augmentation_steps.parse_augmentation`
        takes them.

    Examples
    --------
    >>> Copies(copies=2, steps=["horizontal_flip"]).rows(np.array([0, 3]))
    array([ 0,  1,  2,  9, 10, 11])
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    copies: Annotated[int, Field(ge=1, le=100)]
    steps: str | list[Any] = DEFAULT_STEPS

    @field_validator("steps")
    @classmethod
    def _check_steps(cls, steps: Any) -> Any:
        if not parse_augmentation(steps):
            raise ValueError("a named augmentation or at least one step is expected")
        return steps

    def identity(self) -> dict[str, Any]:
        """Return what decides the copies, as plain values."""
        spec = augmentation_spec(parse_augmentation(self.steps))
        return {"copies": self.copies, "steps": spec, "version": [VERSION, AUGMENTATION_VERSION]}

    @property
    def tags(self) -> list[str]:
        """What follows the name of an image and of each of its copies."""
        return ["", *(f"#copy{number}" for number in range(1, self.copies + 1))]

    def of(self, image: np.ndarray) -> list[np.ndarray]:
        """Return an image of shape (H, W) and its copies, of its type."""
        from networks.copies import augmented_copies

        return [image, *augmented_copies(image, parse_augmentation(self.steps), self.copies)]

    def rows(self, rows: np.ndarray) -> np.ndarray:
        """Return the rows of images and of their copies, where the copies follow each image."""
        return (rows[:, None] * (self.copies + 1) + np.arange(self.copies + 1)).ravel()

    def repeated(self, values: np.ndarray) -> np.ndarray:
        """Give each of an image's :meth:`rows` the image's value."""
        return np.repeat(values, self.copies + 1)

    def originals(self, rows: np.ndarray) -> np.ndarray:
        """Return the rows of images without their copies."""
        return rows * (self.copies + 1)
