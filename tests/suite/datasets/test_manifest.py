"""Manifests: what is read from a table, and every row that is wrong."""

import csv
import itertools
import re
from collections import Counter

import numpy as np
import pytest

from suite.datasets.manifest import Manifest
from suite.errors import DataError


@pytest.fixture
def write(tmp_path, save):
    """Write images a.png … e.png and a manifest; returns a loader."""
    for number, name in enumerate("abcde"):
        save(f"{name}.png", np.full((9, 9), number, dtype=np.uint8))

    def make(text, encoding="utf-8"):
        (tmp_path / "manifest.csv").write_bytes(text.encode(encoding))

    return make


@pytest.fixture
def load(write, locate):
    def make(text, **options):
        write(text)
        return Manifest(path="manifest.csv", **options).load(locate)

    return make


@pytest.fixture
def refused(load):
    """Load and return the problems."""

    def make(text, **options):
        with pytest.raises(DataError) as caught:
            load(text, **options)
        return [str(problem) for problem in caught.value.problems]

    return make


def test_standard_columns_come_first_and_all_others_are_kept(load):
    dataset = load("path,label,patient_id,source,split,age\na.png,covid,p1,x,train,61\nb.png,normal,p1,,,\n")
    assert list(dataset.samples) == [
        "sample_id",
        "label",
        "group",
        "source",
        "split",
        "path",
        "patient_id",
        "age",
    ]
    assert dataset.samples.iloc[0].tolist() == ["a.png", "covid", "p1", "x", "train", "a.png", "p1", "61"]
    assert dataset.samples.loc[1, ["source", "split", "age"]].isna().all()
    assert dataset.grouped
    assert not dataset.synthetic
    assert dataset.description == "2 images from manifest.csv"
    assert [int(image.read()[0, 0]) for image in dataset.images] == [0, 1]


def test_columns_may_have_any_name(load, save):
    save("m.png", np.eye(9, dtype=np.uint8))
    dataset = load(
        "file;finding;label;hospital;part;roi;key\na.png;covid;old;H;test;m.png;k1\nb.png;normal;old;H;train;;k2\n",
        image="file",
        label="finding",
        source="hospital",
        split="part",
        mask="roi",
        id="key",
    )
    first = dataset.samples.iloc[0]
    assert first[["sample_id", "label", "source", "split"]].tolist() == ["k1", "covid", "H", "test"]
    assert first["label_in_manifest"] == "old"
    np.testing.assert_array_equal(~dataset.images[0].read().mask, np.eye(9, dtype=bool))
    assert not np.ma.isMaskedArray(dataset.images[1].read())
    assert not dataset.grouped
    assert dataset.samples["group"].isna().all()


@pytest.mark.parametrize(
    "text",
    [
        "path,label\na.png,covid\n",
        "\ufeffpath,label\r\na.png,covid\r\n",
        "path;label\na.png;covid\n\n",
        "path\tlabel\n\na.png\tcovid",
        'path,label\n"a.png", covid \n',
        "path|label\na.png|covid\n",
    ],
)
def test_dialects_of_csv(load, text):
    dataset = load(text)
    assert dataset.samples[["sample_id", "label"]].to_numpy().tolist() == [["a.png", "covid"]]


def test_another_encoding(write, locate):
    write("path,label\na.png,Pleuraerguß\n", encoding="latin-1")
    dataset = Manifest(path="manifest.csv", encoding="latin-1").load(locate)
    assert dataset.samples["label"].tolist() == ["Pleuraerguß"]
    with pytest.raises(DataError, match="is not utf-8 text"):
        Manifest(path="manifest.csv").load(locate)


def test_words_that_look_like_missing_values_are_words(load):
    dataset = load("path,label\na.png,NA\nb.png,nan\nc.png,None\n")
    assert dataset.samples["label"].tolist() == ["NA", "nan", "None"]


LINKED = "path,label,p,d\na.png,x,p1,\nb.png,x,p2,d1\nc.png,x,p3,d1\nd.png,x,p3,\ne.png,x,,\n"


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        (["p", "d"], ["p1", "p2", "p2", "p2", "sample=e.png"]),
        ("p", ["p1", "p2", "p3", "p3", "sample=e.png"]),
        (["d"], ["sample=a.png", "d1", "d1", "sample=d.png", "sample=e.png"]),
        (["d", "p"], ["p=p1", "d1", "d1", "d1", "sample=e.png"]),
    ],
)
def test_groups_are_connected_components(load, group, expected):
    assert load(LINKED, group=group).samples["group"].tolist() == expected


def test_groups_hold_whatever_rows_are_filtered_out(load):
    dataset = load(LINKED, group=["p", "d"], where={"path": ["b.png", "d.png"]})
    assert dataset.samples["group"].tolist() == ["p2", "p2"]


@pytest.mark.parametrize("group", ["auto", None])
def test_without_groups_the_dataset_says_so(load, group):
    dataset = load(LINKED, group=group)
    assert not dataset.grouped
    assert dataset.samples["group"].isna().all()


@pytest.mark.parametrize("column", ["patient_id", "patient", "subject_id", "subject", "group"])
def test_the_usual_patient_columns_are_found(load, column):
    assert load(f"path,label,{column}\na.png,x,7\n").samples["group"].tolist() == ["7"]


MANIFEST = "path,label,day,dup\na.png,x,3,\nb.png,x,7.0,d\nc.png,y,,d\n"


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"label": "x"}, ["a.png", "b.png"]),
        ({"label": ["x", "y"], "dup": None}, ["a.png"]),
        ({"day": 7}, ["b.png"]),
        ({"day": [3, None]}, ["a.png", "c.png"]),
    ],
)
def test_rows_are_filtered(load, where, expected):
    dataset = load(MANIFEST, where=where)
    assert dataset.samples["sample_id"].tolist() == expected
    assert dataset.samples.index.tolist() == list(range(len(expected)))
    assert [image.path for image in dataset.images] == expected


def test_rows_that_are_filtered_out_may_be_wrong(load):
    dataset = load("path,label\na.png,x\nmissing.png,\n", where={"path": "a.png"})
    assert len(dataset) == 1


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ({"labels": "x"}, "where.labels: no such column. Did you mean 'label'? Columns: sample_id, label"),
        ({"label": "z"}, "where: none of the 3 rows fits label = 'z'."),
    ],
)
def test_a_filter_that_cannot_be_is_refused(refused, where, message):
    assert refused(MANIFEST, where=where)[0].startswith(message)


def test_a_sample_keeps_groups_whole_and_classes_balanced(load, tmp_path, save):
    rows = []
    for label, patient, film in itertools.product("xy", range(12), range(3)):
        save(f"{label}{patient}-{film}.png")
        rows.append(f"{label}{patient}-{film}.png,{label},{label}{patient}")
    text = "path,label,patient\n" + "\n".join(rows)
    dataset = load(text, sample={"per_class": 10, "seed": 1})
    assert dataset.samples["label"].value_counts().to_dict() == {"x": 9, "y": 9}
    assert set(dataset.samples["group"].value_counts()) == {3}
    again = load("path,label,patient\n" + "\n".join(reversed(rows)), sample={"per_class": 10, "seed": 1})
    assert set(again.samples["group"]) == set(dataset.samples["group"])
    other = load(text, sample={"per_class": 10, "seed": 2})
    assert set(other.samples["group"]) != set(dataset.samples["group"])
    assert dataset.description == "72 images from manifest.csv; 18 of them used"


def test_a_sample_smaller_than_every_group_is_refused(refused):
    text = "path,label,patient\na.png,x,1\nb.png,x,1\nc.png,y,2\n"
    assert refused(text, sample={"per_class": 1}) == [
        "sample.per_class: no whole group with label 'x' fits into 1 samples; raise per_class."
    ]


def test_all_wrong_rows_are_told_at_once(refused, tmp_path):
    (tmp_path / "sub").mkdir()
    problems = refused(
        "path,label,mask\n"
        "a.png,x,\n"
        "b.png,,\n"
        "gone.png,x,\n"
        ",x,\n"
        "a.png,x,\n"
        "./a.png,y,\n"
        "../c.png,x,\n"
        "/etc/passwd,x,\n"
        "sub,x,\n"
        "C:\\data\\d.png,x,\n"
        "c.png,x,nomask.png\n",
        mask="mask",
    )
    assert problems == [
        "manifest.csv, row 3: the label is missing (column 'label').",
        "manifest.csv, row 4: there is no file 'gone.png'.",
        "manifest.csv, row 5: the image is missing (column 'path').",
        "manifest.csv, row 6: repeats row 2.",
        "manifest.csv, row 7: names the image of row 2 under another label ('x' and 'y').",
        "manifest.csv, row 8: '../c.png' may lead out of the data folder; '..' is refused.",
        "manifest.csv, row 9: '/etc/passwd' is an absolute path;"
        " paths must be relative to the table's folder.",
        "manifest.csv, row 10: 'sub' is not a file.",
        "manifest.csv, row 11: 'C:\\\\data\\\\d.png' is an absolute path;"
        " paths must be relative to the table's folder.",
        "manifest.csv, row 12: there is no file 'nomask.png'.",
    ]


def test_a_long_list_of_problems_is_cut(refused):
    problems = refused("path,label\n" + "".join(f"gone{number}.png,x\n" for number in range(332)))
    assert len(problems) == 21
    assert problems[19] == "manifest.csv, row 21: there is no file 'gone19.png'."
    assert problems[20] == "and 312 more problems like these."


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("", {}, "manifest.csv: the file is empty; a header row is expected."),
        ("path,label\n", {}, "manifest.csv: there is a header, but no row below it."),
        ("path,label\na.png\n", {}, "manifest.csv, row 2: 1 cells, but the header has 2."),
        ("path,label,label\na.png,x,y\n", {}, "manifest.csv: the column 'label' is there more than once."),
        ("path,,label\na.png,,x\n", {}, "manifest.csv: column 2 has no name."),
        (
            "path,labels\na.png,x\n",
            {},
            r"manifest.csv: there is no column 'label' \(label\). Did you mean 'labels'",
        ),
        ("path,label\na.png,x\n", {"mask": "roi"}, r"there is no column 'roi' \(mask\)"),
        ("path,label\na.png,x\n", {"group": ["p"]}, r"there is no column 'p' \(group p\)"),
        ("path,label\na.png,x\n", {"source": "hospital"}, r"there is no column 'hospital' \(source\)"),
        ("path,label,id\na.png,x,1\nb.png,x,1\n", {"id": "id"}, "row 3: id '1' is that of row 2 already."),
        ("path,label,id\na.png,x,\n", {"id": "id"}, r"row 2: the id is missing \(column 'id'\)"),
        ('path,label\n"a.png,x\n', {}, "manifest.csv: is not a CSV file"),
        ("path,label\na\0.png,x\n", {}, "manifest.csv"),
        ("path,label\n" + "a" * 5000 + ",x\n", {}, "cannot be reached: File name too long"),
        ("path,label\na.png,x\n", {"encoding": "utf-9"}, "Python knows no encoding 'utf-9'"),
    ],
)
def test_a_table_that_is_wrong_is_refused(refused, text, options, message):
    assert re.search(message, refused(text, **options)[0])


def test_a_link_out_of_the_folder_needs_permission(tmp_path, load, save, refused):
    outside = tmp_path.parent / f"{tmp_path.name}-outside.png"
    save("a.png").rename(outside)
    (tmp_path / "link.png").symlink_to(outside)
    (tmp_path / "inside.png").symlink_to(tmp_path / "b.png")
    text = "path,label\nlink.png,x\ninside.png,y\n"
    assert refused(text) == [
        "manifest.csv, row 2: 'link.png' is a link that leads out of the data folder; "
        "allow it with follow_symlinks: true."
    ]
    assert len(load(text, follow_symlinks=True)) == 2


def components(pairs):
    """Count connected components by union-find."""
    parent = {}

    def find(node):
        while parent.setdefault(node, node) != node:
            node = parent[node]
        return node

    for first, second in pairs:
        parent[find(first)] = find(second)
    return len({find(node) for node in parent})


def test_the_radiographs_as_they_are(shared):
    from suite.datasets._paths import Locator

    source = Manifest(path="cxr/manifest.csv", group=["patient_id", "dup_group"])
    dataset = source.load(Locator((shared,)))
    with (shared / "cxr/manifest.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    links = [("p" + row["patient_id"], "d" + (row["dup_group"] or row["path"])) for row in rows]
    assert dataset.samples["label"].value_counts().to_dict() == {
        "covid": 547,
        "normal": 513,
        "pneumonia": 580,
    }
    assert dataset.samples["source"].value_counts().to_dict() == {"cohen": 516, "ozturk": 124, "nih": 1000}
    assert dataset.samples["group"].nunique() == components(links)
    assert dataset.samples.loc[[0, 5], "path"].tolist() == [rows[0]["path"], rows[5]["path"]]
    patients = Manifest(path="cxr/manifest.csv").load(Locator((shared,)))
    assert patients.samples["group"].nunique() == 994
    groups = dataset.samples.set_index("patient_id")["group"]
    assert groups["cohen_97"].unique().tolist() == groups["cohen_178"].unique().tolist()
    for position in (0, 700, 1639):
        image, row = dataset.images[position].read(), rows[position]
        assert image.shape == (int(row["height"]), int(row["width"]))


def test_the_ct_slices_as_they_are(shared):
    from suite.datasets._paths import Locator

    dataset = Manifest(path="ct/manifest.csv").load(Locator((shared,)))
    counts = Counter(zip(dataset.samples["label"], dataset.samples["split"], strict=True))
    assert counts == {
        ("covid", "train"): 191,
        ("covid", "val"): 60,
        ("covid", "test"): 98,
        ("noncovid", "train"): 234,
        ("noncovid", "val"): 58,
        ("noncovid", "test"): 105,
    }
    assert dataset.samples.groupby("label")["group"].nunique().to_dict() == {"covid": 213, "noncovid": 171}
    assert dataset.images[0].properties() == {"format": "PNG", "mode": "L", "bit_depth": 8}
