"""Parameter values checked without data; each message names parameter, value and what is expected."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from numbers import Integral, Real

import numpy as np
from sklearn.utils._param_validation import Interval, validate_parameter_constraints

_K = Interval(Integral, 1, None, closed="left")

SELECT_OPTIONS = {
    "mutual_info": {"k": [_K]},
    "anova": {"k": [_K]},
    "variance": {"threshold": [Interval(Real, 0, None, closed="left")]},
    "pca": {"k": [_K, Interval(Real, 0, 1, closed="neither")]},
}
"""Kinds of feature selection, their options and what these may be."""

NOT_TUNED = frozenset({"tune", "tune_metric", "inner_folds", "select", "random_state"})


def check_values(constraints, values, caller):
    """Check values against scikit-learn's constraints; unlike there, True is not the number 1."""
    exact = {name: np.bool_(value) if isinstance(value, bool) else value for name, value in values.items()}
    validate_parameter_constraints(constraints, exact, caller_name=caller)


def check_select(select, caller):
    """Check the kind and the options of a feature selection."""
    if select is None:
        return
    if "type" not in select:
        raise ValueError(
            f"The 'select' parameter of {caller} needs a 'type', one of {', '.join(SELECT_OPTIONS)}."
            f" Got {dict(select)!r} instead."
        )
    kind = select["type"]
    if not isinstance(kind, str) or kind not in SELECT_OPTIONS:
        raise ValueError(
            f"The 'select.type' parameter of {caller} must be one of {', '.join(SELECT_OPTIONS)}."
            f" Got {kind!r} instead.{_did_you_mean(kind, SELECT_OPTIONS)}"
        )
    options = SELECT_OPTIONS[kind]
    for name, value in select.items():
        if name != "type":
            _check_known(name, options, "select", caller, f" for type {kind!r}")
            check_values({f"select.{name}": options[name]}, {f"select.{name}": value}, caller)


def check_class_weight(class_weight, caller):
    """Check that a mapping gives each class a finite weight above 0."""
    if not isinstance(class_weight, Mapping):
        return
    if not class_weight:
        raise ValueError(
            f"The 'class_weight' parameter of {caller} must weigh at least one class. Got {{}} instead."
        )
    above_zero = [Interval(Real, 0, None, closed="neither")]
    for label, weight in class_weight.items():
        name = f"class_weight.{label}"
        check_values({name: above_zero}, {name: weight}, caller)


def check_tune(classifier, caller):
    """Check the names and every value of a parameter grid."""
    if classifier.tune is None:
        return
    if not classifier.tune:
        raise ValueError(
            f"The 'tune' parameter of {caller} must name at least one parameter. Got {{}} instead."
        )
    allowed = _tunable(classifier)
    for name, values in classifier.tune.items():
        _check_known(name, allowed, "tune", caller)
        _check_listed(name, values, caller)
        for value in values:
            check_values({f"tune.{name}": allowed[name]}, {f"tune.{name}": value}, caller)
            if name == "class_weight":
                check_class_weight(value, caller)


def _tunable(classifier):
    constraints = classifier._parameter_constraints
    own = {name: constraints[name] for name in classifier.get_params(deep=False) if name not in NOT_TUNED}
    options = SELECT_OPTIONS[classifier.select["type"]] if classifier.select else {}
    return own | {f"select.{name}": allowed for name, allowed in options.items()}


def _check_listed(name, values, caller):
    if not isinstance(values, list | tuple | np.ndarray) or len(values) == 0:
        raise ValueError(
            f"The 'tune.{name}' parameter of {caller} must be a list of one or more values to try."
            f" Got {values!r} instead."
        )


def _check_known(name, known, parameter, caller, circumstance=""):
    if name not in known:
        raise ValueError(
            f"The {parameter!r} parameter of {caller} has no entry {name!r}{circumstance}."
            f"{_did_you_mean(name, known)} Expected: {', '.join(known)}."
        )


def _did_you_mean(name, known):
    near = difflib.get_close_matches(str(name), list(known), n=1, cutoff=0.6)
    return f" Did you mean {near[0]!r}?" if near else ""
