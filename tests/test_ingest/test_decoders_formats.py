"""Protocol text, XML and gzip: values worked out by hand, and bombs."""

from __future__ import annotations

import gzip
import time
import tracemalloc
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.decoders import ge, siemens_csa, siemens_xa
from ingest.decoders.payloads import ascconv, gunzip, markup
from ingest.decoders.payloads.plain import is_number, text_of
from ingest.decoders.records import Field

# In an XProtocol the block stands in a quoted string, so its own quotes are doubled; alone (VB
# scanners' MrProtocol) they are single. The values on the right are read off the lines by eye.
_BLOCK = r'''<XProtocol> { <ParamString."x"> { "### ASCCONV BEGIN object=MrProt version=51 ###
ulVersion	 = 	51130001
# a = comment line
tSequenceFileName	 = 	""%SiemensSeq%\gre""
tProtocolName	 = 	""ax+AF8-asc+AF8-36sl""
sQuote.tText	 = 	""say """"no"""" now""
tEmpty = """"
sSliceArray.asSlice[0].dThickness	 = 	3.50
sSliceArray.asSlice[0].sNormal.dTra	 = 	-1e-05
sSliceArray.asSlice.__attribute__.size = 36
sWiPMemBlock.alFree[3]	 = 	0x69    # 'i'
uc.lHex = 0xFFFFFFFF
dComment = 2.5 // half of "five"
tNumberLike = ""12""
bad key = 1
dInfinite = -1.#INF
= 5
ulVersion = 7
### ASCCONV END ###" } } lOutside = 1
'''
_EXPECTED = [
    ("ulVersion", "DS", "51130001"),
    ("tSequenceFileName", "LO", r"%SiemensSeq%\gre"),
    ("tProtocolName", "LO", "ax_asc_36sl"),
    ("sQuote.tText", "LO", 'say "no" now'),
    ("tEmpty", "LO", ""),
    ("sSliceArray.asSlice[0].dThickness", "DS", "3.50"),
    ("sSliceArray.asSlice[0].sNormal.dTra", "DS", "-1e-05"),
    ("sSliceArray.asSlice.__attribute__.size", "DS", "36"),
    ("sWiPMemBlock.alFree[3]", "DS", "105"),
    ("uc.lHex", "DS", "4294967295"),
    ("dComment", "DS", "2.5"),
    ("tNumberLike", "LO", "12"),
    ("dInfinite", "LO", "-1.#INF"),
]


def test_ascconv_by_hand() -> None:
    assert [tuple(f) for f in ascconv.fields(_BLOCK, "")] == _EXPECTED
    assert [tuple(f) for f in ascconv.fields(_BLOCK.replace("\n", "\r\n"), "")] == _EXPECTED


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ('"gre"', ("LO", "gre")),
        ('"a ""b"" c"', ("LO", 'a "b" c')),
        ('""', ("LO", "")),
        ('"x" # said', ("LO", "x")),
        ('""x"" // said', ("LO", "x")),
        ('"no end', ("LO", '"no end')),
        ("0x0", ("DS", "0")),
        ("0x" + "f" * 17, ("LO", "0x" + "f" * 17)),
        ("1_000", ("LO", "1_000")),
        ("nan", ("LO", "nan")),
        ("", ("LO", "")),
        ("9" * 5000, ("LO", "9" * 5000)),
    ],
)
def test_protocol_values(raw: str, expected: tuple[str, str]) -> None:
    assert ascconv.value(raw) == expected


@pytest.mark.parametrize(
    ("stored", "name"),
    [
        ("CBU+AF8-DTI+AF8-64D", "CBU_DTI_64D"),  # seen beside ProtocolName "CBU_DTI_64D"
        ("Sch+AOQ-del", "Schädel"),
        ("a+-b", "a+b"),
        ("T1+C", "T1+C"),
        ("T2+MRA-x", "T2+MRA-x"),  # valid UTF-7 of another script, more likely a plain plus
        ("T1+Gd-DTPA", "T1+Gd-DTPA"),
        ("t1_+AF8-", "t1_+AF8-"),  # UTF-7 would not have left the underscore
    ],
)
def test_protocol_names_in_utf7(stored: str, name: str) -> None:
    assert ascconv.plain_name(stored) == name


def test_a_protocol_without_an_end_is_read_and_reported() -> None:
    data = _BLOCK[: _BLOCK.index("uc.lHex")].encode()
    decoded = siemens_xa.decode(data)
    assert decoded.problem == "protocol: an ASCCONV block has no end"
    assert [f.name for f in decoded.fields[1:]] == [
        "MrPhoenixProtocol/" + name for name, _, _ in _EXPECTED[:9]
    ]


def test_xa_protocol_keeps_the_whole_text() -> None:
    decoded = siemens_xa.decode(_BLOCK.encode() + b"\0\0")
    assert decoded.problem is None
    assert decoded.fields[0] == Field("MrPhoenixProtocol", "UT", _BLOCK.rstrip())
    assert len(decoded.fields) == 1 + len(_EXPECTED)
    assert siemens_xa.decode(b"") == ((), None)
    assert siemens_xa.decode(b"<XProtocol>").problem == "protocol: there is no ASCCONV block"


@pytest.mark.parametrize(
    "line",
    ["a" * 200_000, "a" + " " * 200_000 + "b", "a = " + '""#' * 70_000, "a = " + "1" * 200_000,
     "a =" + " \r" * 100_000 + "x", "tProtocolName = " + '"' + "+A-" * 70_000 + '"'],
)  # fmt: skip
def test_lines_made_to_backtrack(line: str) -> None:
    started = time.monotonic()
    list(ascconv.fields(f"### ASCCONV BEGIN ###\n{line}\n{line}\n### ASCCONV END", ""))
    list(ascconv.fields("### ASCCONV BEGIN ###\n" * 20_000, ""))
    assert time.monotonic() - started < 5


@settings(max_examples=300, deadline=1000)
@given(st.text(alphabet='a="# /0x.1+-\n[]\r\té', max_size=120))
def test_any_block_gives_fields(body: str) -> None:
    for field in ascconv.fields(f"### ASCCONV BEGIN\n{body}\n### ASCCONV END", "P/"):
        assert field.name.startswith(("P/a", "P/x"))
        assert field.vr in ("DS", "LO")
        if field.vr == "DS":
            float(field.text)


def test_plain_text_and_numbers() -> None:
    assert text_of(b"abc \n\0def") == "abc"
    assert text_of(b"\xc3\xa4\xe4") == "Ã¤ä"  # not UTF-8 as a whole, so Latin-1 as a whole
    assert all(is_number(t) for t in ("0", "-1.5", ".5", "1.", "+2e-05", "1E4"))
    assert not any(is_number(t) for t in ("", ".", "e5", "0x1", "inf", "1 ", "1_0", "١"))


_PET = b"""<?xml version="1.0" encoding="utf-8"?>
<PetDoseReportData version="2">
  <m_StatisticsNameVector>Radiopharmaceutical</m_StatisticsNameVector>
  <m_StatisticsNameVector>Injected Dose</m_StatisticsNameVector>
  <m_StatisticsNameVector>Missing</m_StatisticsNameVector>
  <m_StatisticsValueVector1>FDG</m_StatisticsValueVector1>
  <m_StatisticsValueVector1>250.5</m_StatisticsValueVector1>
  <m_StatisticsValueVector2/>
  <m_StatisticsValueVector2>6.77</m_StatisticsValueVector2>
  <scan><bed>1</bed><bed>2</bed></scan>
</PetDoseReportData>\0"""


def test_pet_dose_report() -> None:
    decoded = siemens_csa.decode(_PET)
    assert decoded.problem is None
    assert decoded.fields == (
        Field("PetDoseReportData/Radiopharmaceutical", "LO", "FDG"),
        Field("PetDoseReportData/Injected Dose", "DS", "250.5\\6.77"),
        Field("PetDoseReportData/Missing", "LO", ""),
        Field("PetDoseReportData/@version", "DS", "2"),
        Field("PetDoseReportData/scan/bed[0]", "DS", "1"),
        Field("PetDoseReportData/scan/bed[1]", "DS", "2"),
    )


def test_pet_dose_report_cut_gives_what_came_before() -> None:
    decoded = siemens_csa.decode(_PET[: _PET.index(b"<m_StatisticsValueVector2>")])
    assert decoded.problem is not None
    assert decoded.fields[1] == Field("PetDoseReportData/Injected Dose", "DS", "250.5")


_BOMB = b"""<?xml version="1.0"?><!DOCTYPE PetDoseReportData [<!ENTITY a "ha">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>
<PetDoseReportData><x>&c;</x></PetDoseReportData>"""


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (_BOMB, "XML: it has a document type declaration"),
        (
            b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><PetDoseReportData/>',
            "XML: it has a document type declaration",
        ),
        (b"<PetDoseReportData>" + b"<a>" * 5000, "XML: it is nested deeper than 32"),
        (
            b"<PetDoseReportData>" + b"<a/>" * 30_000 + b"</PetDoseReportData>",
            "XML: it has more than 20000 values",
        ),
        (
            b'<?xml version="1.0" encoding="no-such"?><PetDoseReportData/>',
            "XML: the encoding it declares is not known",
        ),
        (b"<PetDoseReportData>&undefined;</PetDoseReportData>", "XML: not well-formed"),
    ],
)
def test_hostile_xml_is_refused(data: bytes, problem: str) -> None:
    decoded = siemens_csa.decode(data)
    assert decoded.problem is not None
    assert decoded.problem.startswith(problem)
    assert not any("ha" in f.text or "root:" in f.text for f in decoded.fields)


def test_long_xml_is_refused() -> None:
    found, problem = markup.leaves(b"<a>" + b"x" * markup.MAX_BYTES + b"</a>")
    assert (found, problem) == ([], f"XML: longer than {markup.MAX_BYTES} bytes")


_GE_TEXT = b'ENTRY "Head First"\nset TE "Min Full"\nSLTHICK "5.00"\nCONTAM "Yes  "\nODD\n\0'


def _ge_block(text: bytes) -> bytes:
    packed = gzip.compress(text)
    return len(packed).to_bytes(4, "little") + packed


def test_ge_protocol_by_hand() -> None:
    expected = (
        Field("ENTRY", "LO", "Head First"),
        Field("TE", "LO", "Min Full"),
        Field("SLTHICK", "DS", "5.00"),
        Field("CONTAM", "LO", "Yes"),
    )
    assert ge.decode_protocol(_ge_block(_GE_TEXT) + b"\0") == (expected, None)
    assert ge.decode_protocol(gzip.compress(_GE_TEXT)) == (expected, None)


def test_ge_protocol_in_xml() -> None:
    decoded = ge.decode_protocol(_ge_block(b"<?xml version='1.0'?><p><TE>2.5</TE></p>"))
    assert decoded == ((Field("p/TE", "DS", "2.5"),), None)


def test_ge_protocol_damaged() -> None:
    block = _ge_block(_GE_TEXT * 50)
    assert ge.decode_protocol(block[:-12]).problem == "gzip: the stream is cut"
    damaged = block[:30] + bytes([block[30] ^ 0xFF]) + block[31:]
    assert ge.decode_protocol(damaged).problem == "gzip: the stream is damaged"
    assert ge.decode_protocol(b"\0" * 8) == ((), None)
    assert ge.decode_protocol(b"no gzip here").fields == ()
    assert ge.decode_protocol(_ge_block(b"nothing")).problem is not None


def test_gzip_bomb_is_cut_without_unpacking_it() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(b"\0" * 1_000_000) for _ in range(300)) + packer.flush()
    assert len(bomb) < 1_000_000
    tracemalloc.start()
    started = time.monotonic()
    content, problem = gunzip.gunzip(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(content) == gunzip.MAX_BYTES
    assert problem == f"gzip: cut at {gunzip.MAX_BYTES} bytes"
    assert peak < 4 * gunzip.MAX_BYTES
    assert time.monotonic() - started < 5
    assert ge.decode_protocol(b"\0\0\0\0" + bomb).problem == problem


@pytest.mark.parametrize(
    ("value", "b_value"),
    [
        (b"1000\\8\\0\\0", "1000"),  # DTI: no bias
        (b"1000001000\\8\\0\\0", "1000"),  # the example of dcm2niix issue 149
        (b"1000000000\\8\\0\\0 ", "0"),
        (b"30000\\1073741832\\0\\0", "30000"),  # above the modulus of 10,000 once in use
        (b" 700 ", "700"),
        (b"1000.0\\8", "1000"),
    ],
)
def test_ge_b_value(value: bytes, b_value: str) -> None:
    assert ge.decode_b_value(value) == ((Field("b_value", "IS", b_value),), None)


@pytest.mark.parametrize("value", [b"-5\\8", b"abc\\8", b"\\8", b"9" * 500, b"1.5"])
def test_ge_b_value_that_is_none(value: bytes) -> None:
    decoded = ge.decode_b_value(value)
    assert decoded.fields == ()
    assert decoded.problem is not None


def test_ge_b_value_absent() -> None:
    assert ge.decode_b_value(b"  ") == ((), None)
