"""Class weights, as a weight of each training row."""

from __future__ import annotations

import difflib

from sklearn.utils.class_weight import compute_sample_weight


def sample_weights(classifier, codes, classes):
    """Return the weight of each row, shape (n_samples,), or None where all weigh the same.

    ``balanced`` gives a row of class c the weight n_samples / (n_classes * n_c). A class that a
    mapping does not name weighs 1.

    Raises
    ------
    ValueError
        If the mapping names a class that the training rows do not have.
    """
    class_weight = getattr(classifier, "class_weight", None)
    if class_weight is None:
        return None
    if class_weight != "balanced":
        class_weight = by_code(class_weight, classes.tolist(), type(classifier).__name__)
    return compute_sample_weight(class_weight, codes)


def by_code(class_weight, classes, caller):
    unknown = [label for label in class_weight if label not in classes]
    if unknown:
        near = difflib.get_close_matches(str(unknown[0]), [str(label) for label in classes], n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ValueError(
            f"The 'class_weight' parameter of {caller} names {unknown[0]!r}, which is not a class.{hint}"
            f" Classes: {', '.join(str(label) for label in classes)}."
        )
    return {code: class_weight.get(label, 1.0) for code, label in enumerate(classes)}
