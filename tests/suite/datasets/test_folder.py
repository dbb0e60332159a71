"""Folders: labels and splits from their names, and what cannot be."""

import pytest

from suite.datasets.folder import Folder
from suite.errors import DataError


@pytest.fixture
def load(locate):
    def make(**options):
        return Folder(path="data", **options).load(locate)

    return make


def problems(load, **options):
    with pytest.raises(DataError) as caught:
        load(**options)
    return [str(problem) for problem in caught.value.problems]


def test_one_folder_per_class(save, load, tmp_path):
    for name in ("normal/a.png", "covid/b.jpg", "covid/deep/er/c.TIF", "covid/.hidden.png", ".cache/d.png"):
        save(f"data/{name}")
    (tmp_path / "data/README.txt").write_text("hello")
    dataset = load()
    assert dataset.samples[["sample_id", "label"]].to_numpy().tolist() == [
        ["covid/b.jpg", "covid"],
        ["covid/deep/er/c.TIF", "covid"],
        ["normal/a.png", "normal"],
    ]
    assert dataset.samples[["group", "source", "split"]].isna().all(axis=None)
    assert not dataset.grouped
    assert dataset.description == "3 images in the class folders of data; 1 other files left out (README.txt)"
    assert all(image.read().shape == (16, 12) for image in dataset.images)


@pytest.mark.parametrize("validation", ["val", "valid", "Validation"])
def test_train_val_test_folders_give_the_split(save, load, validation):
    for part in ("train", validation, "test"):
        for label in ("covid", "normal"):
            save(f"data/{part}/{label}/{part}.png")
    samples = load().samples
    assert samples.groupby("split")["label"].apply(list).to_dict() == {
        part: ["covid", "normal"] for part in ("test", "train", "val")
    }


def test_a_class_named_test_is_a_class_when_others_are_not_parts(save, load):
    save("data/test/a.png")
    save("data/control/b.png")
    assert load().samples["label"].tolist() == ["control", "test"]


def test_the_patient_is_found_in_the_name(save, load):
    for name in ("x/007_1.png", "x/007_2.png", "y/008_1.png"):
        save(f"data/{name}")
    dataset = load(group=r"^(\d+)_")
    assert dataset.samples["group"].tolist() == ["007", "007", "008"]
    assert dataset.grouped


def test_names_without_patient_are_refused(save, load):
    save("data/x/007_1.png")
    save("data/y/b.png")
    assert problems(load, group=r"^(\d+)_") == [r"y/b.png: its name does not match group: ^(\d+)_"]


@pytest.mark.parametrize(
    ("pattern", "message"),
    [("(", "is no regular expression"), ("abc", "it has 0"), ("(a)(b)", "needs exactly one pair")],
)
def test_a_pattern_that_cannot_work_is_refused(pattern, message):
    with pytest.raises(ValueError, match=message):
        Folder(path="data", group=pattern)


def test_empty_classes_and_images_without_class_are_told_together(save, load, tmp_path):
    save("data/covid/a.png")
    save("data/stray.png")
    (tmp_path / "data/normal").mkdir()
    (tmp_path / "data/notes").mkdir()
    (tmp_path / "data/notes/readme.txt").write_text("-")
    assert problems(load) == [
        "stray.png: lies beside the class folders, and so has no label.",
        "normal: this class folder has no image in it.",
        "notes: this class folder has no image in it.",
    ]


def test_a_folder_without_folders_or_no_folder_is_refused(save, load, tmp_path):
    (tmp_path / "data").mkdir()
    assert problems(load) == ["data: there is no folder in it; one sub-folder per class is expected."]
    (tmp_path / "data").rmdir()
    (tmp_path / "data").write_text("")
    assert problems(load) == ["data: is a file; a folder is expected."]


def test_links_out_of_the_folder_need_permission(save, load, tmp_path):
    save("data/x/a.png")
    save("elsewhere/b.png")
    (tmp_path / "data/y").symlink_to(tmp_path / "elsewhere")
    assert "y: is a link that leads out of the data folder" in problems(load)[0]
    assert load(follow_symlinks=True).samples["label"].tolist() == ["x", "y"]
    (tmp_path / "data/x/loop").symlink_to(tmp_path / "data/x")
    assert problems(load, follow_symlinks=True) == ["x/loop: is a link to a folder that contains it."]
