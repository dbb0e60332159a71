"""Progress: plain lines where there is no terminal, one bar a stage where there is one."""

import io

from rich.console import Console

from suite.progress import Display


def shown(terminal):
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=terminal, width=160)
    with Display(console) as display:
        display.start("features", 4)
        display.advance("features", 4)
        display.start("cells", 1)
        display.start("fits", 2)
        display.advance("fits", 1, "glcm / svm")
        display.advance("fits", 1, "glcm / svm")
        display.advance("cells", 1)
        display.start("images", 0)
    return stream.getvalue()


def test_lines_tell_the_start_and_the_end_of_each_stage():
    lines = shown(terminal=False).splitlines()
    assert lines == [
        "Extracting features: 0 of 4 images × extractors",
        "Extracting features: 4 of 4 images × extractors, done in 0 s",
        "Fitting and predicting: 0 of 2 fits",
        "Fitting and predicting: 2 of 2 fits, done in 0 s",
    ]


def test_what_is_done_once_at_the_start_is_not_taken_for_the_pace(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr("suite.progress.time.monotonic", lambda: clock[0])
    stream = io.StringIO()
    with Display(Console(file=stream, force_terminal=False, width=160)) as display:
        display.start("features", 100)
        for clock[0] in (60.0, 75.0, 90.0):  # a minute for the first ten steps, 15 s for the others
            display.advance("features", 10)
    assert stream.getvalue().splitlines() == [
        "Extracting features: 0 of 100 images × extractors",
        "Extracting features: 10 of 100 images × extractors",
        "Extracting features: 20 of 100 images × extractors, about 2 min 0 s left",
        "Extracting features: 30 of 100 images × extractors, about 1 min 45 s left",
    ]


def test_bars_show_cells_and_fits_and_what_is_under_way():
    text = shown(terminal=True)
    for part in ("Extracting features", "Cells", "Fitting and predicting", "2/2", "1/1", "glcm / svm"):
        assert part in text
    assert "Looking at images" not in text  # a stage without steps
