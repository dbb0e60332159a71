"""Tasks name, merge and drop labels; what is not in the data is refused."""

import pandas as pd
import pytest

from suite.errors import DataError
from suite.grid import Task
from suite.tasks import label_samples

SAMPLES = pd.DataFrame({"label": ["normal", "covid", "pneumonia", "covid", "normal"]})


def test_all_classes_in_alphabetical_order():
    labelling = label_samples(SAMPLES, Task())
    assert labelling.classes == ("covid", "normal", "pneumonia")
    assert labelling.y.tolist() == [1, 0, 2, 0, 1]
    assert labelling.positive is None


def test_named_classes_keep_their_order_and_drop_the_rest():
    labelling = label_samples(SAMPLES, Task(classes=["normal", "covid"], positive="covid"))
    assert labelling.rows.tolist() == [0, 1, 3, 4]
    assert labelling.names.tolist() == ["normal", "covid", "covid", "normal"]
    assert labelling.positive == 1


def test_merged_classes():
    task = Task(classes={"other": ["normal", "pneumonia"], "covid": "covid"}, positive="covid")
    labelling = label_samples(SAMPLES, task)
    assert labelling.names.tolist() == ["other", "covid", "other", "covid", "other"]


@pytest.mark.parametrize(
    ("samples", "task", "message"),
    [
        (SAMPLES, Task(classes=["normal", "covd"]), "label 'covd'. Did you mean 'covid'"),
        (SAMPLES, Task(positive="covid"), "needs a task of two classes; this one has 3"),
        (SAMPLES.iloc[[0, 1]], Task(positive="covd"), "Did you mean 'covid'"),
        (SAMPLES.iloc[[0, 4]], Task(), "all 2 samples have the one label 'normal'"),
    ],
)
def test_what_the_data_cannot_give_is_refused(samples, task, message):
    with pytest.raises(DataError, match=message):
        label_samples(samples.reset_index(drop=True), task)
