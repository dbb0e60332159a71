"""What every extractor declares: parameters that are stored and validated, documentation, no heavy import.

Behaviour on images is in ``test_extractors.py``; both hold every public file of feature_extractors/ to it,
and both show with broken extractors that each check is able to fail.
"""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from numbers import Integral, Real
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import TransformerMixin, clone

IMAGE = np.arange(36 * 40, dtype=np.float64).reshape(36, 40)


def check_init_only_stores_parameters(extractor_class):
    parameters = {name: object() for name in extractor_class().get_params()}
    extractor = extractor_class(**parameters)
    assert extractor.get_params(deep=False) == parameters
    assert vars(extractor) == parameters
    assert clone(extractor_class()).get_params() == extractor_class().get_params()
    assert extractor_class().set_params(**parameters).get_params(deep=False) == parameters


def check_every_parameter_is_validated(extractor_class):
    """No parameter takes just any object, and none that is positive by default takes its negative."""
    defaults = extractor_class().get_params(deep=False)
    positive = [name for name, value in defaults.items() if isinstance(value, Real) and value > 0]
    wrong = [(name, object()) for name in defaults] + [(name, -defaults[name]) for name in positive]
    extractor_class().check_parameters()
    for name, value in wrong:
        with pytest.raises((ValueError, TypeError), match=re.escape(name)):
            extractor_class(**{name: value}).check_parameters()
        with pytest.raises((ValueError, TypeError), match=re.escape(name)):
            extractor_class(**{name: value}).fit([IMAGE])


def check_documentation(extractor_class):
    doc = inspect.getdoc(extractor_class) if extractor_class.__doc__ else ""
    parameters = list(inspect.signature(extractor_class).parameters)
    sections = [*(["Parameters"] if parameters else []), "References", "Examples"]
    for section in sections:
        assert f"\n{section}\n{'-' * len(section)}\n" in doc
    for parameter in parameters:
        assert re.search(rf"^(.*, )?{parameter}(, .*)? : ", doc, flags=re.MULTILINE), parameter
    assert ">>> " in doc
    assert "doi:" in doc or "http" in doc


def check_declarations(extractor_class):
    assert issubclass(extractor_class, TransformerMixin)
    assert type(extractor_class.VERSION) is int
    assert extractor_class.VERSION >= 1
    assert type(extractor_class.STATELESS) is bool
    assert type(extractor_class.USES_SURROUNDINGS) is bool
    assert set(extractor_class.DIMENSIONS) <= {2, 3}
    assert extractor_class.DTYPE in (np.float32, np.float64)


CHECKS = {name: function for name, function in globals().items() if name.startswith("check_")}


@pytest.mark.parametrize("check", CHECKS)
def test_contract(extractor_class, check):
    CHECKS[check](extractor_class)


def test_importing_extractors_does_not_import_torch(extractor_names):
    code = (
        "import importlib, sys\n"
        f"for name in {extractor_names}: importlib.import_module(f'feature_extractors.{{name}}')\n"
        "sys.exit('torch was imported' if 'torch' in sys.modules else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def converts_its_parameter(self, scale=1):
    self.scale = int(scale) if isinstance(scale, int) else 1


BROKEN = [
    ("init_only_stores_parameters", {"__init__": converts_its_parameter}),
    ("every_parameter_is_validated", {"_parameter_constraints": {}}),
    ("every_parameter_is_validated", {"_parameter_constraints": {"scale": [Integral]}}),
    ("documentation", {"__doc__": None}),
    ("documentation", {"__doc__": "Mean.\n\nReferences\n----------\ndoi:10\n\nExamples\n--------\n>>> 1"}),
    ("declarations", {"VERSION": "1"}),
    ("declarations", {"DIMENSIONS": (4,)}),
]


@pytest.mark.parametrize("check", CHECKS)
def test_sound_extractor_passes(sound_extractor, check):
    CHECKS[check](sound_extractor)


@pytest.mark.parametrize(("check", "members"), BROKEN)
def test_broken_extractors_are_caught(sound_extractor, check, members):
    broken = type("Broken", (sound_extractor,), {"__module__": sound_extractor.__module__, **members})
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        CHECKS[f"check_{check}"](broken)


def test_every_check_is_shown_to_fail():
    assert {f"check_{check}" for check, _ in BROKEN} == set(CHECKS)
