"""The registry, the names, the classes and the rules of what is free of identity."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
from pydicom.valuerep import VR

import ingest.decoders
from ingest.decoders import DECODERS, find
from ingest.decoders.names import NAMES
from ingest.decoders.private_class import PRIVATE_CLASSES, private_class
from ingest.decoders.safe import SAFE_ELEMENTS, csa_field_is_safe, field_is_safe, is_safe

_VRS = frozenset(vr.value for vr in VR if len(vr.value) == 2)


def test_every_decoder_is_found_by_its_creator() -> None:
    for decoder in DECODERS:
        creator = decoder.creator.pattern.replace("\\", "")
        assert find(creator, decoder.group, decoder.offset) is decoder
        assert find(f"{creator} \0", decoder.group, decoder.offset) is decoder
        assert find(f"{creator}X", decoder.group, decoder.offset) is None
        assert find(creator, decoder.group, decoder.offset ^ 0x80) is None
        assert decoder.reference
        assert decoder.decode(b"").problem is None


def test_decoders_have_different_names_and_elements() -> None:
    assert len({d.name for d in DECODERS}) == len(DECODERS)
    elements = {(d.creator.pattern, d.group, d.offset) for d in DECODERS}
    assert len(elements) == len(DECODERS)


@pytest.mark.parametrize(
    ("creator", "group", "offset", "name"),
    [
        ("SIEMENS CSA HEADER", 0x0029, 0x10, "Siemens CSA image header"),
        ("SIEMENS CSA HEADER", 0x0029, 0x20, "Siemens CSA series header"),
        ("SIEMENS MEDCOM HEADER", 0x0029, 0x20, "Siemens MedCom history"),
        ("SIEMENS MR SDS 01", 0x0021, 0x19, "Siemens XA protocol"),
        ("GEMS_SERS_01", 0x0025, 0x1B, "GE protocol data block"),
        ("GEMS_PARM_01", 0x0043, 0x39, "GE b-value"),
    ],
)
def test_what_the_registry_must_hold(creator: str, group: int, offset: int, name: str) -> None:
    decoder = find(creator, group, offset)
    assert decoder is not None
    assert decoder.name == name


def test_nothing_is_found_for_strangers() -> None:
    assert find("SIEMENS MEDCOM HEADER2", 0x0029, 0x10) is None
    assert find("", 0x0029, 0x10) is None


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def test_decoders_import_the_standard_library_and_no_other_decoder() -> None:
    """The decoders proper are the modules that the registry imports."""
    package = Path(ingest.decoders.__file__).parent
    decoders = {"ge", "siemens_csa", "siemens_xa"}
    for path in package.rglob("*.py"):
        for name in _imports(path):
            top = name.partition(".")[0]
            assert top in sys.stdlib_module_names or top == "ingest", (path.name, name)
            if path.stem in decoders and name.startswith("ingest."):
                assert not decoders & set(name.split(".")), (path.name, name)


def test_names_are_well_formed() -> None:
    assert len(NAMES) > 180
    for (creator, group, offset), (vr, name) in NAMES.items():
        assert creator
        assert group % 2 == 1
        assert 0 <= offset <= 0xFF
        assert vr in _VRS
        assert name == name.strip()
    for creator, group in {(c, g) for c, g, _ in NAMES}:
        names = [name for (c, g, _), (_, name) in NAMES.items() if (c, g) == (creator, group)]
        assert len(names) == len(set(names))


def test_names_of_the_specification() -> None:
    assert NAMES["CTP", 0x0013, 0x10] == ("LO", "CTP Collection")
    assert NAMES["Image Private Header", 0x0065, 0x09] == ("FD", "BActualValue")
    assert NAMES["Philips MR Imaging DD 001", 0x2005, 0x0E] == ("FL", "Scale Slope")
    assert NAMES["Philips MR Imaging DD 001", 0x2005, 0x0D] == ("FL", "Scale Intercept")
    assert NAMES["SIEMENS MR SDI 02", 0x0021, 0x53] == ("FD", "BandwidthPerPixelPhaseEncode")


@pytest.mark.parametrize(
    ("creator", "decoded", "text_like", "expected"),
    [
        ("CTP", False, True, "pipeline_provenance"),
        ("HIGHDICOM", False, False, "pipeline_provenance"),
        ("QIICR 1.0", True, True, "pipeline_provenance"),
        ("99QIICR", False, True, "pipeline_provenance"),
        ("Varian Medical Systems VISION 3253", False, False, "rt_provenance"),
        ("SIEMENS CSA HEADER ", True, False, "vendor_semantic"),
        ("SIEMENS CSA HEADER", False, False, "unknown_binary"),
        ("GEMS_ACQU_01", False, True, "vendor_raw"),
        ("CTPX", False, True, "vendor_raw"),
        (None, True, True, "vendor_raw"),
        (None, False, False, "unknown_binary"),
    ],
)
def test_private_class(creator: str | None, decoded: bool, text_like: bool, expected: str) -> None:
    assert private_class(creator, decoded, text_like) == expected
    assert expected in PRIVATE_CLASSES


@pytest.mark.parametrize("vr", ["DS", "IS", "FD", "FL", "US", "SS", "UL", "SL", "SV", "UV", "CS"])
def test_numbers_and_codes_are_safe_unless_named_otherwise(vr: str) -> None:
    assert is_safe("ANYBODY", 0x0029, 0x01, None, vr)
    assert is_safe("ANYBODY", 0x0029, 0x01, "Slice Gap", vr)
    assert not is_safe("ANYBODY", 0x0029, 0x01, "PET patient_id", vr)


@pytest.mark.parametrize(
    "vr", ["LO", "SH", "ST", "LT", "UT", "PN", "UI", "DA", "TM", "DT", "OB", "UN"]
)
def test_text_is_safe_only_where_listed(vr: str) -> None:
    assert not is_safe("ANYBODY", 0x0029, 0x01, None, vr)
    assert is_safe("SIEMENS MR HEADER ", 0x0051, 0x0F, "CoilString", vr)


def test_known_identities_are_not_listed() -> None:
    # From the real files: suite, host, study and patient ids, names, comments, the CTP subject.
    for creator, group, offset in (
        ("GEMS_IDEN_01", 0x0009, 0x02),
        ("GEMS_IDEN_01", 0x0009, 0x30),
        ("GEMS_SERS_01", 0x0025, 0x1A),
        ("GEMS_PARM_01", 0x0043, 0x62),
        ("GEMS_PETD_01", 0x0009, 0x02),
        ("GEMS_PETD_01", 0x0009, 0x10),
        ("GEMS_GENIE_1", 0x0009, 0x40),
        ("CTP", 0x0013, 0x13),
        ("SIEMENS CSA HEADER", 0x0029, 0x10),
        ("SIEMENS MR SDS 01", 0x0021, 0x19),
    ):
        assert (creator, group, offset) not in SAFE_ELEMENTS


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("B_value", True),
        ("UsedChannelString", True),
        ("UsedPatientWeight", True),
        ("MrPhoenixProtocol", False),
        ("MrPhoenixProtocol/tProtocolName", True),
        ("MrPhoenixProtocol/tSequenceFileName", True),
        ("MrPhoenixProtocol/sSliceArray.asSlice[0].dThickness", True),
        ("MrPhoenixProtocol/sWipMemBlock.tFree", False),
        ("MrProtocol/tPatientName", False),
        ("PatientsName", False),
        ("PatientID", False),
        ("OperatorsName", False),
        ("ImageComments", False),
        ("InstitutionAddress", False),
        ("ReferringPhysiciansName", False),
        ("DeviceSerialNumber", False),
        ("StationName", False),
        ("SEDESC", True),
    ],
)
def test_csa_fields(name: str, safe: bool) -> None:
    assert csa_field_is_safe(name) is safe
    assert field_is_safe(name, "LO") is safe


def test_pet_dose_fields_are_judged_strictly() -> None:
    assert field_is_safe("PetDoseReportData/Injected Dose", "DS")
    assert field_is_safe("PetDoseReportData/Radiopharmaceutical", "LO")
    assert not field_is_safe("PetDoseReportData/Injected Dose", "LO")
    assert not field_is_safe("PetDoseReportData/Patient ID", "DS")
    assert not field_is_safe("PetDoseReportData/Number", "DS")
