"""Have pyradiomics 3.0.1 compute the values that the tests compare with; run on Python 3.11.

    python -m pytest tests/feature_extractors/reference/compute.py --override-ini python_functions=write_*

It is collected as a test only when asked so, to use the same images and the same call as the tests.
"""

import json
from pathlib import Path

from feature_extractors.pyradiomics import _snake_case

FAMILIES = ("first_order", "glcm", "glrlm", "glszm", "gldm", "ngtdm")
SETTINGS = {
    "32 levels": {"binCount": 32},
    "bin width 10": {"binWidth": 10},
    "volume, 16 levels": {"binCount": 16},
    "volume, bin width 20, slices merged": {"binWidth": 20, "force2D": True},
}


def write_reference(photographs, volumes, ask_pyradiomics):
    values = {}
    for family in FAMILIES:
        for title, settings in SETTINGS.items():
            images = volumes if title.startswith("volume") else photographs
            for name, image in images.items():
                features = ask_pyradiomics(family, image, **settings)
                values[family] = [_snake_case(f"{family}_{feature}") for feature in features]
                values[f"{family}, {title}, {name}"] = list(features.values())
    lines = [f"{json.dumps(key)}: {json.dumps(row)}" for key, row in values.items()]
    path = Path(__file__).parent / "pyradiomics.json"
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
