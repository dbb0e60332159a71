"""The steps of an augmentation with their parameters, without doing anything yet."""

from __future__ import annotations

from numbers import Real
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

__all__ = ["STEPS", "GeometricStep", "RandomStep", "Resampling", "Step"]


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _pair(value: Any) -> Any:
    if not (isinstance(value, list | tuple) and len(value) == 2 and all(map(_is_number, value))):
        raise ValueError("must be a number or [lowest, highest]")
    return value


def _exactly(value: Any) -> Any:
    return (value, value) if _is_number(value) else _pair(value)


def _either_side_of(centre: float, value: Any) -> Any:
    if not _is_number(value):
        return _pair(value)
    if value < 0:
        raise ValueError("must be 0 or more, as it is meant to either side; or write [lowest, highest]")
    return (centre - value, centre + value)


def _ordered(value: tuple[float, float]) -> tuple[float, float]:
    if value[0] > value[1]:
        raise ValueError("the lowest value must come first")
    return value


def _with_odd_size(value: tuple[int, int]) -> tuple[int, int]:
    if value[0] == value[1] and value[0] % 2 == 0:
        raise ValueError("must have an odd number in it, as a median needs a middle")
    return value


Probability = Annotated[float, Field(ge=0, le=1, strict=True)]
Degrees = Annotated[float, Field(ge=-180, le=180)]
Slope = Annotated[float, Field(ge=-60, le=60)]
Fraction = Annotated[float, Field(ge=-1, le=1)]
Factor = Annotated[float, Field(ge=0.1, le=10)]
Strength = Annotated[float, Field(ge=0, le=10)]
Pixels = Annotated[float, Field(ge=0, le=100)]
Share = Annotated[float, Field(ge=0, le=1)]
CornerShare = Annotated[float, Field(ge=0, le=0.2)]
KernelSize = Annotated[int, Field(ge=1, le=31)]

# One number is what is drawn exactly, or how far from 0 or from 1 to either side, as in Keras and imgaug.
EITHER_SIDE = (BeforeValidator(lambda value: _either_side_of(0, value)), AfterValidator(_ordered))
AROUND_ONE = (BeforeValidator(lambda value: _either_side_of(1, value)), AfterValidator(_ordered))
EXACTLY = (BeforeValidator(_exactly), AfterValidator(_ordered))


class Step(BaseModel):
    """One step with its parameters; immutable, and equal to another with the same parameters."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, validate_default=True, use_attribute_docstrings=True
    )


class RandomStep(Step):
    """A step that each image of a batch takes with a probability, with parameters of its own."""

    probability: Probability = 1.0
    """Of an image to be changed by the step."""


class GeometricStep(RandomStep):
    """A step that moves what an image shows; those that follow one another read the image once."""


class Resampling(Step):
    """How the geometric steps after it read the image, until another step ``resampling``.

    Without any, they interpolate bilinearly and repeat the nearest pixel, as in Keras.
    """

    interpolation: Literal["bilinear", "nearest", "random"] = "bilinear"
    """``random`` draws one of the two for each image."""
    fill: Literal["nearest", "reflect", "constant"] = "nearest"
    """What lies outside of the image: its nearest pixel, its mirror image, or ``value``."""
    value: Share = 0.0
    """Of what lies outside, where ``fill`` is ``constant``."""


class HorizontalFlip(GeometricStep):
    """Left becomes right."""

    probability: Probability = 0.5
    """Of an image to be flipped."""


class VerticalFlip(GeometricStep):
    """Up becomes down."""

    probability: Probability = 0.5
    """Of an image to be flipped."""


class Rotation(GeometricStep):
    """Rotate about the centre."""

    degrees: Annotated[tuple[Degrees, Degrees], *EITHER_SIDE] = (-10, 10)
    """Counter-clockwise."""


class Shift(GeometricStep):
    """Move to the side, and up or down."""

    width: Annotated[tuple[Fraction, Fraction], *EITHER_SIDE] = (-0.1, 0.1)
    """To the right, in widths of the image."""
    height: Annotated[tuple[Fraction, Fraction], *EITHER_SIDE] = (-0.1, 0.1)
    """Downwards, in heights of the image."""


class Zoom(GeometricStep):
    """Show a part of the image, or more than the image, as ``zoom_range`` of Keras does."""

    range: Annotated[tuple[Factor, Factor], *AROUND_ONE] = (0.8, 1.2)
    """Side of the part that is shown, in sides of the image: below 1 enlarges what is seen."""
    per_axis: bool = True
    """Whether width and height are drawn apart, as in Keras."""


class Scale(GeometricStep):
    """Enlarge or shrink about the centre, as ``scale`` of imgaug's ``Affine`` does."""

    range: Annotated[tuple[Factor, Factor], *EXACTLY] = (0.8, 1.2)
    """Magnification: above 1 enlarges what is seen."""
    per_axis: bool = False
    """Whether width and height are drawn apart."""


class Shear(GeometricStep):
    """Move each pixel along one axis by tan(angle) times its distance from the centre along the other."""

    degrees: Annotated[tuple[Slope, Slope], *EITHER_SIDE] = (-10, 10)
    """Counter-clockwise angle by which the lines of the other axis are turned."""
    direction: Literal["vertical", "horizontal"] = "vertical"
    """In which pixels are moved; vertically in Keras."""


class Perspective(GeometricStep):
    """See the image from aside: its corners are pulled out of the frame, each by its own amount.

    As ``PerspectiveTransform`` of imgaug: a corner moves by the absolute value of a normally distributed
    number in widths, and one in heights of the image; here by at most .3, so that the four stay convex.
    """

    scale: Annotated[tuple[CornerShare, CornerShare], *EXACTLY] = (0.01, 0.1)
    """Standard deviation of that number."""


class Elastic(GeometricStep):
    """Move each pixel on its own, as ``ElasticTransformation`` of imgaug does.

    Distances are uniform between -alpha and alpha, then smoothed by a Gaussian.
    """

    alpha: Annotated[tuple[Pixels, Pixels], *EXACTLY] = (0.5, 3.5)
    """Largest distance in pixels, before smoothing."""
    sigma: Annotated[float, Field(ge=0, le=20, strict=True)] = 0.25
    """Standard deviation of the Gaussian in pixels: at .25, neighbours move apart almost independently."""


class GaussianBlur(RandomStep):
    """Weighted mean of the surrounding pixels."""

    sigma: Annotated[tuple[Strength, Strength], *EXACTLY] = (0, 3)
    """Standard deviation of the weights in pixels; they end at 4 times the largest of the range."""


class AverageBlur(RandomStep):
    """Mean of a square of pixels."""

    kernel: Annotated[tuple[KernelSize, KernelSize], *EXACTLY] = (3, 5)
    """Side of the square; an even one reaches one pixel further up and to the left, as in OpenCV."""


class MedianBlur(RandomStep):
    """Median of a square of pixels."""

    kernel: Annotated[tuple[KernelSize, KernelSize], *EXACTLY, AfterValidator(_with_odd_size)] = (3, 5)
    """Side of the square; odd ones alone are drawn, as a median needs a middle."""


class Sharpen(RandomStep):
    """Mix the image with a sharpened one, as ``Sharpen`` of imgaug does.

    The sharpened image is (8 + lightness) · pixel - the sum of its eight neighbours.
    """

    alpha: Annotated[tuple[Share, Share], *EXACTLY] = (0, 1)
    """Share of the sharpened image."""
    lightness: Annotated[tuple[Strength, Strength], *EXACTLY] = (0.9, 1.1)
    """By how much a flat region is multiplied."""


class Emboss(RandomStep):
    """Mix the image with one that looks lit from the upper left, as ``Emboss`` of imgaug does.

    With the strength s, that image is the sum over the 3 × 3 surrounding pixels with the weights
    [[-1 - s, -s, 0], [-s, 1, s], [0, s, 1 + s]].
    """

    alpha: Annotated[tuple[Share, Share], *EXACTLY] = (0, 1)
    """Share of the embossed image."""
    strength: Annotated[tuple[Strength, Strength], *EXACTLY] = (0, 2)
    """How deep the relief is."""


class GaussianNoise(RandomStep):
    """Add normally distributed numbers of mean 0."""

    scale: Annotated[tuple[Share, Share], *EXACTLY] = (0, 0.01)
    """Standard deviation, where white is 1."""
    per_channel: Probability = 0.5
    """Probability of an image that its channels get different numbers."""


class IntensityShift(RandomStep):
    """Add one number to all pixels, as ``channel_shift_range`` of Keras does."""

    range: Annotated[tuple[Fraction, Fraction], *EITHER_SIDE] = (-0.1, 0.1)
    """What is added, where white is 1."""


class Brightness(RandomStep):
    """Multiply all pixels by one number."""

    range: Annotated[tuple[Strength, Strength], *EXACTLY] = (0.8, 1.2)
    """That number."""


class Contrast(RandomStep):
    """Multiply the distance of all pixels from the mean of the image by one number."""

    range: Annotated[tuple[Strength, Strength], *EXACTLY] = (0.8, 1.2)
    """That number."""


class Gamma(RandomStep):
    """Raise all pixels to one power."""

    range: Annotated[tuple[Factor, Factor], *EXACTLY] = (0.8, 1.25)
    """That power: above 1 darkens."""


STEPS: dict[str, type[Step]] = {
    "horizontal_flip": HorizontalFlip,
    "vertical_flip": VerticalFlip,
    "rotation": Rotation,
    "shift": Shift,
    "zoom": Zoom,
    "scale": Scale,
    "shear": Shear,
    "perspective": Perspective,
    "elastic": Elastic,
    "resampling": Resampling,
    "gaussian_blur": GaussianBlur,
    "average_blur": AverageBlur,
    "median_blur": MedianBlur,
    "sharpen": Sharpen,
    "emboss": Emboss,
    "gaussian_noise": GaussianNoise,
    "intensity_shift": IntensityShift,
    "brightness": Brightness,
    "contrast": Contrast,
    "gamma": Gamma,
}
