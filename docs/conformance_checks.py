"""What the checks of conformance share: a value beside its reference, volumes as read, features by name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from feature_extractors.radiomics import Radiomics

__all__ = ["DATA", "FAMILIES", "REFERENCE", "Check", "features_of", "read_volume"]

DATA = Path(__file__).parents[1] / "../shared/data"
REFERENCE = DATA / "reference"
INTENSITIES = ("first_order", "intensity_histogram", "intensity_volume_histogram", "local_intensity")
FAMILIES = ("shape", *INTENSITIES, "glcm", "glrlm", "glszm", "gldm", "ngtdm", "gldzm")


@dataclass(frozen=True)
class Check:
    """One value beside its reference.

    Attributes
    ----------
    source, case, feature : str
        Whose value it is, of what and under which settings, and its name (ours).
    ours, reference, tolerance : float
        The tolerance is absolute.
    tag : str
        Its name there.
    """

    source: str
    case: str
    feature: str
    ours: float
    reference: float
    tolerance: float
    tag: str = ""

    @property
    def passed(self) -> bool:
        """Whether the two agree."""
        return bool(abs(self.ours - self.reference) <= self.tolerance)

    @property
    def relative(self) -> float:
        """Relative difference; 0 where both are as good as 0."""
        if abs(self.reference) < 1e-12 and abs(self.ours) < 1e-12:
            return 0.0
        return abs(self.ours - self.reference) / max(abs(self.reference), 1e-300)


def read_volume(file: Path) -> tuple[np.ndarray, tuple[float, float, float]]:
    """Return a volume and its spacing in mm, both in the order slices, rows, columns."""
    import radiomics.featureextractor

    sitk = radiomics.featureextractor.sitk
    image = sitk.ReadImage(str(file))
    return sitk.GetArrayFromImage(image), tuple(image.GetSpacing()[::-1])


def features_of(volume: np.ndarray, **settings: object) -> dict[str, float]:
    """Return the features of one image by name; settings are those of `Radiomics`."""
    extractor = Radiomics(families=settings.pop("families", FAMILIES), **settings).fit([volume])
    return dict(
        zip(extractor.get_feature_names_out(), extractor.transform([volume])[0].tolist(), strict=True)
    )
