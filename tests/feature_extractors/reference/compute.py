"""Have pyradiomics 3.0.1 compute the values that the tests compare with; run on Python 3.11.

    python -m pytest tests/feature_extractors/reference/compute.py --override-ini python_functions=write_*

It is collected as a test only when asked so, to use the same images and the same call as the tests.
"""

import json
from pathlib import Path

from feature_extractors.pyradiomics import _snake_case

SETTINGS = {"32 levels": {"binCount": 32}, "bin width 10": {"binWidth": 10}}


def write_reference(photographs, ask_pyradiomics):
    values = {
        family: {
            title: {
                name: {
                    _snake_case(f"{family}_{feature}"): value
                    for feature, value in ask_pyradiomics(family, image, **settings).items()
                }
                for name, image in photographs.items()
            }
            for title, settings in SETTINGS.items()
        }
        for family in ("first_order", "glcm", "glrlm", "glszm", "gldm", "ngtdm")
    }
    path = Path(__file__).parent / "pyradiomics.json"
    path.write_text(json.dumps(values, indent=1) + "\n")
