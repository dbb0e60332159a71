"""Every protocol: each sample where it belongs, groups whole, classes balanced, refusals with counts."""

import numpy as np
import pandas as pd
import pytest
from pydantic import TypeAdapter, ValidationError

from suite.errors import DataError
from suite.splits import HoldOut, KFold, LeaveOneGroupOut, Official, Protocol, group_codes


@pytest.fixture
def patients():
    """60 patients with 1 to 4 images, two classes by patient, three sources."""
    random = np.random.default_rng(0)
    counts = random.integers(1, 5, 60)
    patient = np.repeat(np.arange(60), counts)
    samples = pd.DataFrame(
        {
            "group": [f"p{p}" for p in patient],
            "source": np.array(["x", "y", "z"])[patient % 3],
            "split": np.array(["train", "val", "test"])[patient % 5 // 2],
        }
    )
    return samples, np.array(["a", "b"], dtype=object)[(patient % 4 == 0).astype(int)]


def each_is_tested_once(folds, n):
    return sorted(np.concatenate([fold.test for fold in folds]).tolist()) == list(range(n))


@pytest.mark.parametrize("folds", [2, 5, 10])
def test_kfold_tests_every_sample_once_and_keeps_groups_whole(patients, folds):
    samples, y = patients
    split = KFold(folds=folds).split(samples, y)
    assert len(split) == folds
    assert each_is_tested_once(split, len(y))
    for fold in split:
        assert not set(samples["group"].iloc[fold.train]) & set(samples["group"].iloc[fold.test])
        assert len(fold.train) + len(fold.test) == len(y)


def test_kfold_is_stratified(patients):
    samples, y = patients
    shares = [np.mean(y[fold.test] == "b") for fold in KFold(folds=5, group=None).split(samples, y)]
    assert np.ptp(shares) < 0.04


def test_group_null_tears_patients_apart(patients):
    samples, y = patients
    torn = [
        set(samples["group"].iloc[fold.train]) & set(samples["group"].iloc[fold.test])
        for fold in KFold(folds=5, group=None).split(samples, y)
    ]
    assert all(torn)


def test_repeats_differ_and_seeds_repeat(patients):
    samples, y = patients
    split = KFold(folds=3, repeats=2, seed=5).split(samples, y)
    again = KFold(folds=3, repeats=2, seed=5).split(samples, y)
    assert [(f.repeat, f.fold) for f in split] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    assert all(np.array_equal(a.test, b.test) for a, b in zip(split, again, strict=True))
    assert not np.array_equal(split[0].test, split[3].test)


@pytest.mark.parametrize(("size", "train"), [(0.66, 66), (0.8, 80), (0.7, 70), (0.5, 50)])
def test_holdout_of_single_samples_has_the_exact_size(size, train):
    samples = pd.DataFrame({"group": [None] * 100})
    y = np.repeat(np.array(["a", "b"], dtype=object), 50)
    folds = HoldOut(train_size=size, repeats=10).split(samples, y)
    assert [len(fold.train) for fold in folds] == [train] * 10
    assert [np.sum(y[fold.train] == "a") for fold in folds] == [train // 2] * 10
    assert len({tuple(fold.test) for fold in folds}) == 10


def test_holdout_keeps_groups_whole_and_the_share_near(patients):
    samples, y = patients
    for fold in HoldOut(train_size=0.66, repeats=10).split(samples, y):
        assert not set(samples["group"].iloc[fold.train]) & set(samples["group"].iloc[fold.test])
        assert len(fold.train) / len(y) == pytest.approx(0.66, abs=0.04)


def test_official_takes_the_column_as_it_is(patients):
    samples, y = patients
    (fold,) = Official(group=None).split(samples, y)
    assert set(samples["split"].iloc[fold.train]) == {"train", "val"}
    assert set(samples["split"].iloc[fold.test]) == {"test"}
    (narrow,) = Official(train=["train"], test=["val"]).split(samples, y)
    assert set(samples["split"].iloc[narrow.train]) == {"train"}


def test_leave_one_group_out_drops_crossing_groups_from_training():
    samples = pd.DataFrame(
        {"group": ["p", "q", "p", "r", "s", "t"], "source": ["x", "x", "y", "y", "y", "x"]}
    )
    y = np.array(["a", "b", "a", "a", "b", "a"], dtype=object)
    first, second = LeaveOneGroupOut(column="source").split(samples, y)
    assert first.test.tolist() == [0, 1, 5]
    assert first.train.tolist() == [3, 4]  # row 2 is of patient p, who is tested
    assert second.test.tolist() == [2, 3, 4]
    assert second.train.tolist() == [1, 5]


@pytest.mark.parametrize(
    ("protocol", "message"),
    [
        (KFold(folds=10), "class 'b' has 3 groups"),
        (KFold(folds=10, group=None), "class 'b' has 3 samples"),
        (Official(), "gives 0 training samples"),
        (Official(column="splt"), "Did you mean 'split'"),
        (LeaveOneGroupOut(column="source"), "1 value"),
        (KFold(folds=2, group="patient"), "no column 'patient'"),
    ],
)
def test_what_cannot_be_met_is_refused_with_counts(protocol, message):
    samples = pd.DataFrame({"group": list("pqrstuvwxyzab"), "source": ["x"] * 13, "split": ["other"] * 13})
    y = np.array(["a"] * 10 + ["b"] * 3, dtype=object)
    with pytest.raises(DataError, match=message):
        protocol.split(samples, y)


def test_training_part_without_a_class_is_refused():
    samples = pd.DataFrame({"group": list("pqrs"), "source": ["x", "x", "y", "y"]})
    with pytest.raises(DataError, match="without any of class 'a'"):
        LeaveOneGroupOut().split(samples, np.array(["a", "b", "b", "b"], dtype=object))


def test_samples_without_a_group_stand_alone():
    samples = pd.DataFrame({"group": ["p", None, "p", None, "q"]})
    assert group_codes(samples, "group").tolist() == [0, 1, 0, 2, 3]


@pytest.mark.parametrize(
    "values",
    [
        {"type": "kfold", "folds": 1},
        {"type": "kfold", "folds": -3},
        {"type": "holdout", "train_size": 1.5},
        {"type": "loo"},
        {"type": "kfold", "fold": 3},
    ],
)
def test_absurd_protocols_are_invalid(values):
    with pytest.raises(ValidationError):
        TypeAdapter(Protocol).validate_python(values)
