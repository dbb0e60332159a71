"""Synthetic chest films, for demonstrations and tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import pandas as pd
from pydantic import Field

from suite.datasets._dataset import STANDARD_COLUMNS, Dataset
from suite.datasets._phantom_disease import DISEASES
from suite.datasets._phantom_image import PhantomImage
from suite.datasets._source import DatasetSource, Locate

__all__ = ["Phantom"]


class Phantom(DatasetSource):
    """Synthetic films of chests: normal, pneumonia (lobar consolidation) and covid (peripheral ground glass).

    Nobody was X-rayed for them, and results on them say nothing about patients. All films have the same mean
    brightness. Half of the patients of each class were "seen" by scanner a, half by scanner b (``source``).

    Attributes
    ----------
    patients : int
        Patients of each class.
    images_per_patient : int
        Films of each patient, which share the anatomy and the place of the disease.
    size : int
        Side of the films in pixels.
    difficulty : float
        From 0 (plain to see) to 1 (the classes do not differ).
    seed : int
        Another seed gives other patients.

    Examples
    --------
    >>> dataset = Phantom(patients=2, images_per_patient=2).load(locate=None)
    >>> len(dataset), dataset.synthetic, dataset.samples.loc[0, "sample_id"]
    (12, True, 'phantom-normal-p000-0')
    >>> dataset.images[0].read().shape
    (128, 128)
    """

    patients: Annotated[int, Field(ge=1, le=100_000)] = 20
    images_per_patient: Annotated[int, Field(ge=1, le=1000)] = 2
    size: Annotated[int, Field(ge=32, le=1024)] = 128
    difficulty: Annotated[float, Field(ge=0, le=1)] = 0.3
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0

    def _load_all(self, locate: Locate) -> Dataset:
        images = tuple(self._films())
        rows = [(i.path, i.label, i.path.rsplit("-", 1)[0], f"scanner-{i.scanner}", None) for i in images]
        return Dataset(
            samples=pd.DataFrame(rows, columns=list(STANDARD_COLUMNS), dtype="str"),
            images=images,
            grouped=True,
            synthetic=True,
            description=f"{len(images)} synthetic phantom films (computed, no patients), "
            f"difficulty {self.difficulty:g}, seed {self.seed}",
        )

    def _films(self) -> Iterator[PhantomImage]:
        for label in DISEASES:
            for patient in range(self.patients):
                for film in range(self.images_per_patient):
                    yield PhantomImage(
                        label=label,
                        patient=patient,
                        film=film,
                        scanner="b" if patient % 2 else "a",
                        size=self.size,
                        difficulty=self.difficulty,
                        seed=self.seed,
                    )
