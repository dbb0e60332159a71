"""The report as a whole, from the test data of a run directory."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from reports import ReportError, build
from reports.content import count_fits


class Page(HTMLParser):
    """Tags, attributes and texts of a page, table cells by their table's id."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.texts, self.rows = [], [], [], {}
        self._stack, self._figure, self._cell = [], None, None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.tags.append(tag)
        self.attributes += [(tag, *pair) for pair in attrs]
        if tag == "figure":
            self._figure = values.get("id")
            self.rows.setdefault(self._figure, [])
        elif tag == "tr" and self._figure:
            self.rows[self._figure].append([])
        elif tag in ("td", "th") and self._figure:
            self._cell = []

    def handle_endtag(self, tag):
        if tag in ("td", "th") and self._cell is not None:
            self.rows[self._figure][-1].append(" ".join("".join(self._cell).split()))
            self._cell = None
        elif tag == "figure":
            self._figure = None

    def handle_data(self, data):
        self.texts.append(data)
        if self._cell is not None:
            self._cell.append(f" {data}")


@pytest.fixture(scope="module")
def page(report):
    return Page((report / "index.html").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def text(page):
    return " ".join(" ".join(page.texts).split())


def test_the_page_is_one_file_that_loads_and_executes_nothing(page):
    assert "script" not in page.tags
    assert "link" not in page.tags
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    loaded = [value for _, name, value in page.attributes if name in ("src", "srcset")]
    assert loaded
    assert all(value.startswith("data:image/svg+xml;base64,") for value in loaded)
    links = [value for tag, name, value in page.attributes if tag == "a" and name == "href"]
    assert all(
        re.match(r"#|tables/[\w-]+\.(csv|tex|md)$|figures/[\w-]+\.(svg|pdf)$", value) for value in links
    )


def test_every_link_leads_somewhere_and_no_anchor_is_there_twice(page, report):
    anchors = [value for _, name, value in page.attributes if name == "id"]
    assert len(anchors) == len(set(anchors))
    for tag, name, value in page.attributes:
        if tag == "a" and name == "href":
            assert value[1:] in anchors if value.startswith("#") else (report / value).is_file()


def test_the_head_says_what_a_reader_must_know_first(text):
    assert "Texture features on <chest> radiographs, 50 % random" in text
    assert "Random predictions for tests of the report & nothing <else>" in text
    assert "Synthetic images. chest: generated" in text
    assert "2 of 52 cells failed." in text
    assert "The audit of the data found 1 error: GROUP_ACROSS_SPLITS (ignored by the grid)" in text
    assert "The audit of the data found 1 warning: CLASS_SOURCE_CONFOUNDED" in text
    assert "52 cells, 208 fits" in text  # 13 cells × (5 + 3 folds) × 2 tasks, all cells counted
    assert "Patients were not kept together" not in text


def test_a_cell_that_stands_in_two_tables_was_fitted_once():
    cells = pd.DataFrame({"key": ["a", "b", "a"], "n_fits": [5, 3, 5]})
    assert count_fits(cells) == 8


def test_comparison_tables_hold_values_failures_gaps_and_baselines(page, pristine):
    rows = page.rows["accuracy_chest-covid-by_source"]
    assert rows[0] == ["extractor", "svm", "random_forest", "=knn_k|3"]
    by_label = {row[0]: row[1:] for row in rows[1:]}
    assert list(by_label) == [
        "glcm",
        "lbp",
        "<img src=x onerror=alert(1)>&50%",
        "baseline: dummy (ignores the image)",
        "baseline: image size alone (random_forest)",
    ]
    assert by_label["glcm"][1] == "failed"
    assert by_label["lbp"][2] == "–"
    metrics = pd.read_parquet(pristine / "results/metrics.parquet")
    one = metrics.query(
        "task == 'covid' and protocol == 'by_source' and extractor == 'glcm' and role == 'cell'"
    )
    one = one[(one["classifier"] == "svm") & (one["metric"] == "accuracy")]
    folds, pooled = one[one["fold"].notna()]["value"], one[one["fold"].isna()].iloc[0]
    expected = f"{folds.mean():.3f} ± {folds.std(ddof=1):.3f} [{pooled['low']:.3f}, {pooled['high']:.3f}]"
    assert by_label["glcm"][0] == expected


def test_an_undefined_value_is_said_so(page):
    rows = {row[0]: row for row in page.rows["precision_chest-covid-kfold5"]}
    assert rows["baseline: dummy (ignores the image)"][1].startswith("undefined")
    rows = {row[0]: row for row in page.rows["roc_auc_chest-covid-by_source"]}
    assert "2 of 3 folds" in rows["lbp"][1]  # the test part of one fold is all covid


def test_ablation_published_failures_and_choices_are_shown(page):
    ablation = page.rows["ablation_chest-covid-kfold5"]
    assert [row[0] for row in ablation] == ["variant", "full system", "without CLAHE", "without <wavelets>"]
    assert "−" in ablation[3][1].split()[-1]
    published = page.rows["published"]
    assert [
        "Nobody <2021>",
        "Accuracy",
        "four_class",
        "–",
        "no matching cell",
        "0.900",
        "–",
        "–",
    ] in published
    failed = page.rows["failed_cells"]
    assert failed[1][2] == r"MemoryError: <b>no</b> room for 10^9 trees & \more"
    assert page.rows["warnings"][1][0] == "did not <converge>"
    assert page.rows["chosen_parameters"][1][2] == "C = 10 (2×), C = 1 (1×)"


def test_data_folds_versions_and_grid_are_shown(page, text, pristine):
    samples = pd.read_parquet(pristine / "results/samples.parquet")
    labels = {row[0]: row for row in page.rows["data_labels"]}
    covid = samples[samples["label"] == "covid"]
    assert labels["covid"][1:3] == [str(len(covid)), "30"]
    assert labels["normal"][4] == "1,024"
    sources = {row[0]: row for row in page.rows["data_sources"]}
    main = covid["source"].value_counts(sort=False).reindex(covid["source"].unique())
    name, share = main.idxmax(), main.max() / len(covid)
    purity = main.max() / (samples["source"] == name).sum()
    assert sources["covid"][-1] == f"{name} gave {share:.0%}; {purity:.0%} of it is this label"
    folds = page.rows["data_folds"]
    assert folds[1][:5] == ["covid", "kfold5", "clahe", "1", "5"]
    assert folds[1][-1] == "0"
    assert ["numpy", "2.4.6"] in page.rows["environment"]
    assert "python -m suite run grids/test_data.yaml --set 'a=<b>'" in text
    assert "# as written by the user" in text


def test_patients_on_both_sides_are_told_at_the_top(run_dir):
    folds = pd.read_parquet(run_dir / "results/folds.parquet")
    first = folds["sample_id"].str.endswith("_0") & (folds["fold"] == 0)
    folds.assign(part=folds["part"].where(~first, "train")).to_parquet(run_dir / "results/folds.parquet")
    text = build(run_dir, ["html"]).read_text(encoding="utf-8")
    assert "Patients were not kept together." in text


def test_the_same_run_gives_the_same_bytes_and_old_tables_go(report, run_dir):
    old = run_dir / "report/tables/of_an_older_run.csv"
    old.parent.mkdir(parents=True)
    old.write_text("x")
    again = build(run_dir).parent
    assert not old.exists()
    files = {path.relative_to(report): path.read_bytes() for path in report.rglob("*") if path.is_file()}
    assert files == {
        path.relative_to(again): path.read_bytes() for path in again.rglob("*") if path.is_file()
    }


@pytest.mark.parametrize(
    ("formats", "main", "suffixes"),
    [
        (["html"], "index.html", {".html", ".svg", ".pdf"}),
        (["latex"], "report.tex", {".tex", ".svg", ".pdf"}),
        (["csv"], "tables/all_metrics.csv", {".csv"}),
    ],
)
def test_only_the_formats_asked_for_are_written(run_dir, formats, main, suffixes):
    path = build(run_dir, formats)
    assert path == run_dir / "report" / main
    assert {file.suffix for file in (run_dir / "report").rglob("*") if file.is_file()} == suffixes


def test_a_run_in_which_every_cell_failed_has_a_report(run_dir):
    results = run_dir / "results"
    cells = pd.read_parquet(results / "cells.parquet")
    cells.assign(status="failed", reason="out of luck").to_parquet(results / "cells.parquet")
    for name in ("metrics", "predictions"):
        pd.read_parquet(results / f"{name}.parquet").head(0).to_parquet(results / f"{name}.parquet")
    text = build(run_dir).read_text(encoding="utf-8")
    assert "52 of 52 cells failed." in text
    assert "No cell was measured" in text
    assert text.count("out of luck") == 52


def _missing(run: Path) -> None:
    (run / "results/metrics.parquet").unlink()


def _not_parquet(run: Path) -> None:
    (run / "results/metrics.parquet").write_text("hello")


def _older(run: Path) -> None:
    path = run / "results/cells.parquet"
    pd.read_parquet(path).drop(columns=["role", "variant"]).to_parquet(path)


def _no_histories(run: Path) -> None:
    (run / "results/histories.parquet").unlink()


def _newer(run: Path) -> None:
    facts = json.loads((run / "environment.json").read_text())
    (run / "environment.json").write_text(json.dumps(facts | {"format": 99}))


def _foreign(run: Path) -> None:
    path = run / "results/metrics.parquet"
    pd.read_parquet(path).assign(key="another").to_parquet(path)


def _bad_yaml(run: Path) -> None:
    (run / "grid.resolved.yaml").write_text("a: [")


def _object_yaml(run: Path) -> None:
    (run / "grid.resolved.yaml").write_text("name: !!python/object/apply:os.system ['true']")


def _no_name(run: Path) -> None:
    (run / "grid.resolved.yaml").write_text("- a")


def _bad_json(run: Path) -> None:
    (run / "audit.json").write_text("{")


def _bad_finding(run: Path) -> None:
    (run / "audit.json").write_text(json.dumps({"findings": [{"severity": "error"}]}))


def _no_place(run: Path) -> None:
    (run / "report").write_text("a file where the folder should be")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_missing, r"metrics\.parquet: the file is missing"),
        (_not_parquet, r"metrics\.parquet: cannot be read"),
        (_older, r"cells\.parquet: lacks the columns variant, role; was it written by another version"),
        (_no_histories, r"histories\.parquet: the file is missing"),
        (_newer, r"environment\.json: the run directory is of format 99; .* reads up to 3"),
        (_foreign, r"metrics\.parquet: holds cells that cells\.parquet does not have"),
        (_bad_yaml, r"grid\.resolved\.yaml: cannot be read"),
        (_object_yaml, r"grid\.resolved\.yaml: cannot be read"),
        (_no_name, r"grid\.resolved\.yaml: is not a resolved grid"),
        (_bad_json, r"audit\.json: cannot be read"),
        (_bad_finding, r"audit\.json: a finding is not as expected"),
        (_no_place, r"report: the report cannot be written"),
    ],
)
def test_a_spoilt_run_directory_is_refused_with_the_file_named(run_dir, spoil, message):
    spoil(run_dir)
    with pytest.raises(ReportError, match=message):
        build(run_dir, ["csv"])


def test_no_run_directory_and_unknown_formats_are_refused(tmp_path, run_dir):
    with pytest.raises(ReportError, match="there is no such run directory"):
        build(tmp_path / "nowhere")
    with pytest.raises(ReportError, match="not docx"):
        build(run_dir, ["html", "docx"])
