"""DICOM: grey values as the standard defines them, and no trace of the patient."""

import re
import shutil

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.pixels.processing import apply_windowing
from pydicom.uid import ExplicitVRLittleEndian, JPEGLSLossless, SecondaryCaptureImageStorage, generate_uid

from suite.datasets.dicom import Dicom
from suite.errors import BadImageError, DataError

STORED = np.arange(12 * 10, dtype=np.uint16).reshape(12, 10) * 30
PATIENTS = ("DOE^JANE", "4711-0815", "19700101")


@pytest.fixture
def save(tmp_path):
    """Write a small DICOM file below the data folder."""

    def write(name, stored=STORED, patient="4711-0815", bits=12, **elements):
        meta = FileMetaDataset()
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
        meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=[name])
        file = FileDataset(name, {}, file_meta=meta, preamble=bytes(128))
        file.SOPClassUID, file.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
        file.PatientName, file.PatientID, file.PatientBirthDate = "DOE^JANE", patient, "19700101"
        file.Manufacturer, file.InstitutionName, file.Modality = "ACME", "St. Elsewhere", "CR"
        file.Rows, file.Columns = stored.shape[-2:]
        file.SamplesPerPixel, file.PhotometricInterpretation = 1, "MONOCHROME2"
        file.BitsAllocated, file.BitsStored, file.HighBit = 16, bits, bits - 1
        file.PixelRepresentation = int(stored.dtype.kind == "i")
        file.PixelData = stored.tobytes()
        for keyword, value in elements.items():
            setattr(file, keyword, value)
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        file.save_as(path, enforce_file_format=True)
        return path

    return write


@pytest.fixture
def load(locate):
    def make(**options):
        return Dicom(path="data", **options).load(locate)

    return make


@pytest.fixture
def read(save, load):
    """Write one file and read it back."""

    def make(stored=STORED, window=None, **elements):
        save("x/a.dcm", stored, **elements)
        return load(window=window).images[0].read()

    return make


SIGNED = STORED.astype(np.int16) - 2000


@pytest.mark.parametrize(
    ("stored", "elements", "expected", "dtype"),
    [
        (STORED, {}, STORED, "uint16"),
        (SIGNED, {}, SIGNED, "int16"),
        (STORED, {"RescaleSlope": 2, "RescaleIntercept": -1024}, STORED * 2.0 - 1024, "int32"),
        (STORED, {"RescaleSlope": 0.5, "RescaleIntercept": 1}, STORED * 0.5 + 1, "float32"),
        (STORED, {"PhotometricInterpretation": "MONOCHROME1"}, 4095 - STORED.astype(int), "int32"),
        (SIGNED, {"PhotometricInterpretation": "MONOCHROME1"}, -1 - SIGNED.astype(int), "int32"),
        (
            STORED,
            {"PhotometricInterpretation": "MONOCHROME1", "RescaleSlope": 2, "RescaleIntercept": 5},
            (4095 - STORED.astype(int)) * 2 + 5,
            "int32",
        ),
    ],
)
def test_values_are_rescaled_and_bright_is_dense(read, stored, elements, expected, dtype):
    values = read(stored, **elements)
    assert values.dtype == dtype
    np.testing.assert_array_equal(values, expected)


def test_a_given_window_maps_to_zero_to_one(read):
    values = read(window={"center": 1000, "width": 500}, RescaleSlope=1, RescaleIntercept=-500)
    np.testing.assert_allclose(values, ((STORED - 500.0 - 750) / 500).clip(0, 1), atol=1e-6)
    assert values.dtype == np.float32


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize("slope", [1, 3])
def test_the_window_of_the_header_is_that_of_pydicom(save, load, function, slope):
    elements = {"WindowCenter": [900, 1], "WindowWidth": [700, 1], "VOILUTFunction": function}
    elements |= {"RescaleSlope": slope, "RescaleIntercept": -10}
    header = pydicom.dcmread(save("x/a.dcm", **elements))
    theirs = apply_windowing(STORED * float(slope) - 10, header)
    low, high = -10, 4095 * slope - 10  # pydicom maps to the range of the stored bits
    ours = load(window="header").images[0].read()
    np.testing.assert_allclose(ours, (theirs - low) / (high - low), atol=1e-6)


def test_a_windowed_negative_is_turned_round(read):
    positive = read(window={"center": 1000, "width": 500})
    negative = read(window={"center": 1000, "width": 500}, PhotometricInterpretation="MONOCHROME1")
    np.testing.assert_allclose(negative, 1 - positive, atol=1e-6)


def test_real_files_of_pydicom(tmp_path, load):
    (tmp_path / "data/x").mkdir(parents=True)
    for name in ("CT_small.dcm", "JPEG2000.dcm", "MR_small_RLE.dcm"):
        shutil.copy(get_testdata_file(name), tmp_path / "data/x")
    ct, jpeg, mr = (image.read() for image in load().images)
    header = pydicom.dcmread(get_testdata_file("CT_small.dcm"))
    np.testing.assert_array_equal(ct, header.pixel_array.astype(int) - 1024)
    assert jpeg.shape == (1024, 256)
    np.testing.assert_array_equal(mr, pydicom.dcmread(get_testdata_file("MR_small.dcm")).pixel_array)


def test_patients_are_groups_under_pseudonyms(save, load):
    for name, patient in (("a", "4711-0815"), ("b", "4711-0815 "), ("c", "4712"), ("d", "")):
        save(f"covid/DOE^JANE/{name}.dcm", patient=patient)
    dataset = load()
    groups = dataset.samples["group"].tolist()
    assert dataset.grouped
    assert groups[0] == groups[1] != groups[2]
    assert re.fullmatch("patient-[0-9a-f]{16}", groups[0])
    assert groups[3] == "sample=" + dataset.samples["sample_id"][3]
    assert dataset.samples["label"].unique().tolist() == ["covid"]
    assert dataset.samples[["source", "modality"]].drop_duplicates().to_numpy().tolist() == [["ACME", "CR"]]


def test_pseudonyms_are_the_same_each_time_and_depend_on_the_whole_data_set(save, load):
    save("x/a.dcm")
    first = load().samples["group"].tolist()
    assert load().samples["group"].tolist() == first
    save("x/b.dcm", patient="other")
    assert load().samples["group"].tolist()[0] not in first


def test_without_patient_ids_the_dataset_is_not_grouped(save, load):
    save("x/a.dcm", patient="")
    dataset = load()
    assert not dataset.grouped
    assert dataset.samples["group"].isna().all()


def test_nothing_that_could_be_stored_tells_who_it_is(save, load, tmp_path):
    save("covid/DOE^JANE/4711-0815.dcm")
    save("covid/DOE^JANE/19700101")
    (tmp_path / "data/covid/DOE^JANE/bad.dcm").write_bytes(b"DOE^JANE")
    dataset = load(source="InstitutionName")
    texts = [dataset.samples.to_csv(), dataset.description]
    for image in dataset.images:
        texts += [image.path, repr(image), str(image.stamp()), image.fingerprint()]
        for ask in (image.read, image.properties):
            try:
                texts.append(str(ask()))
            except BadImageError as error:
                texts += [str(error), repr(error.__cause__)]
    everything = "\n".join(texts)
    assert not [word for word in (*PATIENTS, "Elsewhere", str(tmp_path)) if word in everything]
    assert "file 3 of 3 in order of path): is no DICOM file" in everything
    assert re.search("source-[0-9a-f]{16}", everything)


def test_labels_from_a_table(save, load, tmp_path):
    save("b/1.dcm")
    save("a/1.2.840.113")
    (tmp_path / "data/DICOMDIR").write_bytes(b"")
    (tmp_path / "data/notes.txt").write_text("")
    (tmp_path / "labels.csv").write_text("file,finding,name\nb/1.dcm,covid,Jane\na/1.2.840.113,normal,John\n")
    dataset = load(labels="labels.csv", file="file", label="finding")
    assert dataset.samples["label"].tolist() == ["normal", "covid"]
    assert "Jane" not in dataset.samples.to_csv()


def test_a_table_of_labels_that_does_not_fit_is_refused(save, load, tmp_path):
    for name in ("1.dcm", "2.dcm", "3.dcm"):
        save(name)
    (tmp_path / "labels.csv").write_text("path,label\n1.dcm,x\n1.dcm,y\n2.dcm,\n9.dcm,x\n")
    with pytest.raises(DataError) as caught:
        load(labels="labels.csv")
    assert [str(problem) for problem in caught.value.problems] == [
        "labels.csv, row 3: path '1.dcm' is that of row 2 already.",
        "labels.csv, row 4: the label is missing (column 'label').",
        "labels.csv, row 5: names no DICOM file in the folder.",
        "labels.csv: 1 of the 3 DICOM files have no row.",
    ]


@pytest.mark.parametrize(
    ("elements", "window", "reason"),
    [
        ({"NumberOfFrames": 3, "stored": np.stack([STORED] * 3)}, None, "has 3 frames; one is expected"),
        ({"PhotometricInterpretation": "RGB"}, None, "is not grey but RGB"),
        ({"PixelData": STORED.tobytes()[:99]}, None, "its data are damaged or incomplete"),
        ({"stored": STORED[:5]}, None, "10×5 pixels; each side must have at least 8"),
        ({}, "header", "has no window in its header"),
        ({"WindowCenter": 5, "WindowWidth": 0}, "header", "the window width 0 of the header is too small"),
        ({"WindowCenter": 5, "WindowWidth": 9, "VOILUTFunction": "CUBIC"}, "header", "'CUBIC' is unknown"),
    ],
)
def test_a_bad_file_is_refused_with_a_reason(read, elements, window, reason):
    name = r"^dicom-[0-9a-f]{16} \(file 1 of 1 in order of path\)"
    with pytest.raises(BadImageError, match=f"{name}: .*{reason}"):
        read(window=window, **elements)


def test_a_compression_that_cannot_be_decoded_is_named(save, load):
    path = save("x/a.dcm")
    file = pydicom.dcmread(path)
    file.file_meta.TransferSyntaxUID = JPEGLSLossless
    file.PixelData = pydicom.encaps.encapsulate([b"\xff\xd8" + bytes(20)])
    file["PixelData"].VR = "OB"
    file.save_as(path)
    with pytest.raises(BadImageError, match=r"compression cannot be decoded here: .*JPEG-LS"):
        load().images[0].read()


def test_other_files_are_refused(tmp_path, load, save):
    save("x/a.dcm").unlink()
    for content in (b"", b"not DICOM at all", bytes(128) + b"DICM" + b"\xff" * 90):
        (tmp_path / "data/x/a.dcm").write_bytes(content)
        (image,) = load().images
        with pytest.raises(BadImageError, match=r"is no DICOM file|damaged or incomplete|holds no picture"):
            image.read()


def test_the_stamp_and_the_fingerprint_follow_the_window(save, load):
    save("x/a.dcm")
    images = [load(window=window).images[0] for window in (None, "header", {"center": 1, "width": 2})]
    assert len({image.fingerprint() for image in images}) == 3
    assert len({image.stamp() for image in images}) == 3


def test_a_warning_of_pydicom_is_told_without_its_words(save, load):
    """They may name the file, and files are named after patients."""
    save("x/DOE^JANE.dcm", PixelData=STORED.tobytes() + bytes(20))
    with pytest.warns(UserWarning, match=r"order of path\): 1 place\(s\) of its header break") as caught:
        np.testing.assert_array_equal(load().images[0].read(), STORED)
    assert not [warning for warning in caught if "DOE" in str(warning.message)]


@pytest.mark.parametrize("keyword", ["PatientsName", "nonsense"])
def test_an_unknown_source_is_refused(keyword):
    with pytest.raises(ValueError, match="is no DICOM keyword"):
        Dicom(path="data", source=keyword)
