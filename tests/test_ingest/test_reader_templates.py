"""Files read among others have the elements they have alone, however a series varies.

A series is made from a tree of elements whose values change from file to file - in length too,
inside sequences of either kind of length, private ones, CSA headers, before, in and behind pixel
data - mixed with other kinds of images, and in any order.  What a template reads must be what a
reading of the file alone finds, and most files of a well-behaved series must be read by one.
"""

from __future__ import annotations

import random
import struct
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.demo.csa import IMAGE_FIELDS, encode_csa2
from ingest.describe import describe
from ingest.flatten import Sides, flatten
from ingest.header import behind_pixels
from ingest.part import MOST_TEMPLATES, Part
from ingest.schema import TABLES
from tests.test_ingest.reader_samples import (
    EXPLICIT,
    IMPLICIT,
    JPEG,
    MR,
    E,
    add,
    bare,
    encode,
    file_of,
    identity,
    meta,
    text,
)
from tests.test_ingest.test_elements_against_pydicom import InFull, in_series_equal_alone
from tests.test_ingest.test_reader_properties import trees

SECRET = bytes(32)
Path = tuple[int, ...]
Tree = list[E]
Tables = Mapping[str, Sides]


# --- making series


def leaves(elements: Sequence[E], base: Path = ()) -> list[Path]:
    """Where the values of a tree stand that may vary: not creators, character sets, sequences."""
    found: list[Path] = []
    for index, element in enumerate(elements):
        if isinstance(element.value, tuple):
            for number, item in enumerate(element.value):
                found += leaves(item, (*base, index, number))
        elif element.tag != 0x00080005 and not is_creator(element.tag):
            found.append((*base, index))
    return found


def is_creator(tag: int) -> bool:
    return bool(tag >> 16 & 1) and 0x10 <= tag & 0xFFFF <= 0xFF


def with_value(elements: Sequence[E], path: Path, value: bytes) -> Tree:
    """The tree with another value at ``path``."""
    made = list(elements)
    element = made[path[0]]
    if len(path) == 1:
        made[path[0]] = element._replace(value=value)
    else:
        items = list(element.value)
        items[path[1]] = tuple(with_value(items[path[1]], path[2:], value))  # type: ignore[arg-type]
        made[path[0]] = element._replace(value=tuple(items))  # type: ignore[arg-type]
    return made


def varied(rng: random.Random, old: bytes) -> bytes:
    """Another value: other bytes of the same length, longer, shorter, or none."""
    letters = bytes(rng.choice(b"0123456789ABC") for _ in range(rng.randrange(1, 12) * 2))
    other = bytes(rng.choice(b"0123456789") for _ in old)
    return rng.choice([other, letters, letters[:4], old[: len(old) // 4 * 2], b""])


def series_of(
    rng: random.Random, tree: Tree, number: int, syntax: str, kind: int = 0, series: int = 1
) -> list[bytes]:
    """Files with the structure of ``tree`` that vary in some of its values and in their UIDs.

    They are of so many series.
    """
    places = leaves(tree)
    varying = rng.sample(places, min(len(places), rng.randrange(1, 6)))
    made = []
    for index in range(number):
        instance = tree
        for place in varying:
            if rng.random() < 0.8:
                instance = with_value(instance, place, varied(rng, value_at(tree, place)))
        name = f"1.2.{kind}." + "9" * rng.randrange(1, 12) + f".{index}"
        uid = f"1.2.{3 + rng.randrange(series)}"
        made.append(file_of([*instance, *identity(name, uid)], syntax, name))
    return made


def value_at(elements: Sequence[E], path: Path) -> bytes:
    element = elements[path[0]]
    if len(path) == 1:
        assert isinstance(element.value, bytes)
        return element.value
    return value_at(element.value[path[1]], path[2:])  # type: ignore[arg-type]


# --- what must hold


def check(files: Sequence[bytes]) -> Part:
    """Read the files as one part, and compare every file with itself read alone."""
    part, in_full, alone = Part(), InFull(), {}
    for number, data in enumerate(files):
        uri = str(number)
        add(part, data, uri)
        add(in_full, data, uri)
        alone[uri] = described(data)
        assert (part.files[-1].status, part.files[-1].reason) == (
            alone[uri].status, alone[uri].reason,
        )  # fmt: skip
    if part.instances:
        made = flatten(part, 0, "run", SECRET)
        in_series_equal_alone(part, made, alone)
        tables_equal_in_full(made, flatten(in_full, 0, "run", SECRET))
    return part


described = lru_cache(maxsize=256)(describe)

STABLE = [
    c.name for c in TABLES["instances"].columns
    if c.stable and not c.phi and c.name not in ("file_size_bytes", "SOPInstanceUID")
]  # fmt: skip


def tables_equal_in_full(made: Tables, in_full: Tables) -> None:
    """Typed columns and problems too: a template's values feed the same columns and rules."""
    (together, problems), (expected, expected_problems) = map(typed, (made, in_full))
    columns = ["instance_id", *STABLE]
    assert together.select(columns).rows() == expected.select(columns).rows()
    assert problems == expected_problems


def typed(made: Tables) -> tuple[pl.DataFrame, dict[int, set[tuple[str, str]]]]:
    """``instances``, and by instance the rules its problems break and where."""
    instances, found = made["instances"].open, made["problems"].open
    assert instances is not None
    problems: dict[int, set[tuple[str, str]]] = {}
    if found is not None:
        headers = dict(instances.select("instance_id", "header_id").iter_rows())
        for instance, header, rule, path in found.select(
            "instance_id", "header_id", "rule", "path"
        ).iter_rows():
            for number, own in headers.items():
                if instance == number or (instance is None and header == own):
                    problems.setdefault(number, set()).add((rule, path))
    return instances.sort("instance_id"), problems


def read_by(part: Part) -> Counter[str]:
    return Counter(instance.read_by for instance in part.instances)


# --- properties

QUICK = settings(
    max_examples=10, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
RANDOM = st.integers(0, 1 << 32).map(random.Random)
EITHER_VR = st.sampled_from([EXPLICIT, IMPLICIT])


@QUICK
@given(st.data(), RANDOM, EITHER_VR)
def test_a_series_of_one_kind(data: st.DataObject, rng: random.Random, syntax: str) -> None:
    tree = data.draw(trees(syntax == IMPLICIT))
    check(series_of(rng, tree, rng.randrange(5, 13), syntax))


@QUICK
@given(st.data(), RANDOM, EITHER_VR)
def test_kinds_of_images_interleaved(data: st.DataObject, rng: random.Random, syntax: str) -> None:
    files = []
    for kind in range(rng.choice([2, 3])):
        tree = data.draw(trees(syntax == IMPLICIT, "latin-1"))
        series = rng.choice([1, 1, 2, 1000])
        files += series_of(rng, tree, rng.randrange(3, 6), syntax, kind, series)
    rng.shuffle(files)
    check(files)


# --- a series as scanners make it

CREATOR = text(0x00290010, "LO", "SIEMENS CSA HEADER")
ACME = text(0x00090011, "LO", "ACME 1.0")


def mr_image(number: int, uid: str = "1.2.3", **changes: E) -> Tree:
    """An MR image with a CSA header, an icon, nested and private sequences, and pixel data."""
    csa = encode_csa2(
        IMAGE_FIELDS,
        {
            "EchoLinePosition": [64], "TimeAfterStart": [number * 2.5],
            "SliceNormalVector": [0.0, 0.1 * number, 1.0],
            "ImaCoilString": ["HEA;HEP"[: 1 + number % 7]],
            "MosaicRefAcqTimes": [float(n) for n in range(1 + number % 3)],
            "ICE_Dims": [f"X_1_1_1_{number}"],
        },
    )  # fmt: skip
    icon = (
        E(0x00280010, "US", struct.pack("<H", 2)),
        E(0x7FE00010, "OW", bytes(2 * (number % 5))),
    )
    referenced = (text(0x00081155, "UI", f"1.2.{number}"), text(0x00081150, "UI", MR))
    inside = (ACME, text(0x00091101, "LO", "x" * number), text(0x00091102, "DS", str(number)))
    made = {e.tag: e for e in [
        *identity(f"1.2.9.{number}", uid),
        text(0x00080008, "CS", "ORIGINAL\\PRIMARY\\M"),
        text(0x00080032, "TM", f"10{number:02d}00.123"),
        E(0x00081140, "SQ", (tuple(sorted(referenced)),), undefined=True),
        ACME,
        E(0x00091110, "SQ", (inside, inside)),
        text(0x00180081, "DS", "2.5"),
        text(0x00200013, "IS", str(number)),
        text(0x00200032, "DS", f"0\\0\\{number}"),
        text(0x00200037, "DS", "1\\0\\0\\0\\1\\0"),
        E(0x00280010, "US", struct.pack("<H", 8)),
        E(0x00280103, "US", b"\0\0"),
        E(0x00280106, "US", struct.pack("<H", number)),
        CREATOR,
        E(0x00291010, "OB", csa),
        E(0x00880200, "SQ", (icon,)),
        E(0x7FE00010, "OW", bytes(16)),
    ]}  # fmt: skip
    made |= {element.tag: element for element in changes.values()}
    return sorted(made.values())


def mr_file(number: int, syntax: str = EXPLICIT, uid: str = "1.2.3", **changes: Any) -> bytes:
    """The file of :func:`mr_image`."""
    return file_of(mr_image(number, uid, **changes), syntax, f"1.2.9.{number}")


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])
def test_a_well_behaved_series_is_read_by_its_template(syntax: str) -> None:
    part = check([mr_file(number, syntax) for number in range(1, 41)])
    assert read_by(part)["template"] >= 0.8 * 40
    assert len(part.templates) == 1


def test_interleaved_kinds_have_a_template_each() -> None:
    kinds: list[dict[str, Any]] = [
        {"kind": text(0x00080008, "CS", "DERIVED")},
        {"kind": text(0x00080008, "CS", "ORIGINAL"), "more": text(0x00180082, "DS", "900")},
        {"kind": text(0x00080008, "CS", "ORIGINAL"), "less": text(0x00180091, "IS", "4")},
    ]
    files = [mr_file(number, **kinds[number % 3]) for number in range(1, 61)]
    part = check(files)
    assert read_by(part)["template"] >= 0.8 * 60
    assert 2 <= len(part.templates) <= 3


def test_more_kinds_than_templates_are_kept() -> None:
    def image(number: int, kind: int) -> bytes:
        more: dict[str, Any] = {f"e{n}": text(0x00180020 + n, "SH", "x") for n in range(kind)}
        return mr_file(number, **more)

    kinds = [*range(MOST_TEMPLATES + 3)] * 2
    files = [image(number, kind) for number, kind in enumerate(kinds, start=1)]
    part = check(files)
    assert len(part.instances) == len(files)


@pytest.mark.parametrize("syntax", [EXPLICIT, JPEG])
def test_pixel_data_of_any_length(syntax: str) -> None:
    rng = random.Random(4)
    files = []
    for number in range(1, 21):
        if syntax == JPEG:
            sizes = [rng.randrange(0, 60) * 2 for _ in range(rng.randrange(1, 6))]
            value = b"".join(bare(0xFFFEE000, size) + bytes(size) for size in sizes)
        else:
            value = bytes(rng.randrange(0, 60) * 2)
        pixels = E(0x7FE00010, "OB" if syntax == JPEG else "OW", value, undefined=syntax == JPEG)
        files.append(mr_file(number, syntax, pixels=pixels))
    part = check(files)
    assert read_by(part)["template"] >= 0.8 * 20
    for instance, data in zip(part.instances, files, strict=True):
        end = 8 if syntax == JPEG else 0
        assert instance.pixel_data_bytes == len(data) - instance.header_bytes - end


def test_elements_behind_pixel_data() -> None:
    after: dict[str, Any] = {
        "creator": text(0x7FE10010, "LO", "ACME 1.0"),
        "padding": E(0xFFFCFFFC, "OB", bytes(20)),
    }
    files = []
    for number in range(1, 9):
        value = {"value": text(0x7FE11001, "LO", "behind " + "x" * number)}
        files.append(mr_file(number, **(after | value if number % 3 else {})))
    files += [mr_file(20) + bytes(12), mr_file(21) + b"no element" * 3]
    part = check(files)
    assert {rule for _, _, (rule, *_) in part.problems} == {"trailing_bytes"}


@pytest.mark.parametrize("syntax", [EXPLICIT, JPEG])
@pytest.mark.parametrize(
    "tail", [bytes(1), bytes(300), encode([E(0xFFFCFFFC, "OB", b"\1" * 20)]), bytes(70_000)]
)
def test_the_same_behind_pixel_data_in_a_whole_series(syntax: str, tail: bytes) -> None:
    files = [mr_file(number, syntax) + tail for number in range(1, 21)]
    part = check(files)
    alike = 0.8 * 20 if len(tail) <= behind_pixels.MAX_TAIL else 0
    assert read_by(part)["template"] >= alike
    assert (read_by(part)["template"] > 0) == (alike > 0)
    assert not part.problems


def test_another_tail_is_not_taken_for_the_one_of_the_template() -> None:
    element = encode([text(0xFFFD0010, "LO", "A")])
    tails = [b"", bytes(4), bytes(6), b"\1" * 4, bytes(4), b"", element]
    part = check([mr_file(number) + tails[number % 7] for number in range(1, 43)])
    ends = [known.header.tail for known in part.templates]
    assert {ends[instance.template] for instance in part.instances} >= {b"", bytes(4), bytes(6)}


def test_an_icon_and_pixel_data_of_another_length_in_each_file() -> None:
    """The value of nested pixel data is not read, but its length is told."""
    part = check([mr_file(number) for number in range(1, 12)])
    tokens = part.templates[0].tokens
    keys = [part.vocabulary.keys[n].path for n in tokens.keys]
    assert "00880200[0].7FE00010" in keys


def test_fields_of_a_csa_header_that_come_and_go() -> None:
    def image(number: int) -> bytes:
        values: dict[str, list[float | int | str]] = {}
        if number % 3:
            values = {"B_value": [number], "ImaCoilString": ["HEA"]}
        times = [float(n) for n in range(number % 9)]  # six items at a time, or none
        csa = encode_csa2(IMAGE_FIELDS, values | {"MosaicRefAcqTimes": times})
        return mr_file(number, csa=E(0x00291010, "OB", csa))

    check([image(number) for number in range(1, 25)])


# --- files that look like those of a template and are something else


def with_others(odd: bytes, syntax: str = EXPLICIT) -> Part:
    """A file among ten regular ones of its series, in the middle and at the end."""
    regular = [mr_file(number, syntax) for number in range(1, 11)]
    return check([*regular[:6], odd, *regular[6:], odd])


def test_a_value_of_unknown_vr_that_becomes_a_sequence() -> None:
    def unknown(value: bytes) -> E:
        return E(0x00091120, "UN", value)

    inner = encode([text(0x00091101, "LO", "inside")], IMPLICIT)
    sequence = bare(0xFFFEE000, len(inner)) + inner
    broken = bare(0xFFFEE000, 0x7FFFFFF0) + inner
    files = [mr_file(n, value=unknown(bytes([n]) * 2 * n)) for n in range(1, 9)]
    files += [mr_file(20, value=unknown(sequence)), mr_file(21, value=unknown(broken))]
    files += [mr_file(n, value=unknown(bytes([n]) * 2 * n)) for n in range(9, 12)]
    part = check(files)
    assert [i.truncation for i in part.instances] == [None] * len(files)
    assert [i.read_by for i in part.instances[8:10]] == ["tokens"] * 2


def test_another_character_set() -> None:
    name = E(0x00100010, "PN", "Äneas".encode())
    files = [
        mr_file(n, charset=text(0x00080005, "CS", "ISO_IR 192"), name=name) for n in range(1, 8)
    ]
    odd = mr_file(9, charset=text(0x00080005, "CS", "ISO_IR 100"), name=name)
    part = check([*files[:4], odd, *files[4:]])
    assert part.instances[4].read_by == "tokens"


def test_another_character_set_in_an_item() -> None:
    def item(number: int, charset: str) -> E:
        inside = (text(0x00080005, "CS", charset), E(0x00080104, "LO", "Ä".encode()))
        return E(0x00401012, "SQ", ((*inside, text(0x00080100, "SH", str(number))),))

    files = [mr_file(n, item=item(n, "ISO_IR 192")) for n in range(1, 8)]
    check([*files[:4], mr_file(9, item=item(9, "ISO_IR 100")), *files[4:]])


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])
def test_another_private_creator(syntax: str) -> None:
    """In implicit VR the creator decides the VR, and everywhere what a value means."""

    def image(number: int, creator: str) -> bytes:
        return mr_file(
            number, syntax, creator=text(0x00190010, "LO", creator),
            value=E(0x0019100C, "IS", b"%d " % (number * 10 + 1000)),
        )  # fmt: skip

    files = [image(n, "SIEMENS MR HEADER") for n in range(1, 8)]
    part = check([*files[:5], image(9, "SIEMENS XX HEADER"), *files[5:]])
    assert part.instances[5].template != part.instances[4].template


@pytest.mark.parametrize("in_meta", ["1.2.9.77", ""])
def test_an_empty_instance_uid(in_meta: str) -> None:
    elements = mr_image(77, uid_=E(0x00080018, "UI", b""))
    odd = meta(EXPLICIT, in_meta) + encode(elements)
    part = with_others(odd)
    assert part.files[6].status == ("ok" if in_meta else "error")
    assert part.files[6].reason == (None if in_meta else "no SOPInstanceUID")


@pytest.mark.parametrize("value", [b"", b"1.2.840.10008.1.3.10"])
def test_another_class(value: bytes) -> None:
    elements = mr_image(77, class_=E(0x00080016, "UI", value))
    with_others(meta(EXPLICIT, "1.2.9.77", value.decode()) + encode(elements))


def test_signed_pixels_in_implicit_vr() -> None:
    """PixelRepresentation decides whether 65535 is meant, or -1."""
    sign, smallest = E(0x00280103, "US", b"\1\0"), E(0x00280106, "SS", b"\xff\xff")
    part = with_others(mr_file(77, IMPLICIT, sign=sign, smallest=smallest), IMPLICIT)
    instances = flatten(part, 0, "run", SECRET)["instances"].open
    assert instances is not None
    found = instances.sort("instance_id")["SmallestImagePixelValue"].to_list()
    assert found[5:8] == [6, -1, 7]


def test_pixels_signed_in_a_way_that_does_not_exist() -> None:
    """0 and 2 mean unsigned alike; that they vary must not let 1 pass."""

    def image(number: int, sign: int) -> bytes:
        return mr_file(number, IMPLICIT, sign=E(0x00280103, "US", struct.pack("<H", sign)))

    check([image(n, sign) for n, sign in enumerate([0, 2, 0, 2, 0, 1, 0, 2], start=1)])


@pytest.mark.parametrize("change", [-2, 4])
@pytest.mark.parametrize("mark", ["item", "sequence", "CSA header"])
def test_a_length_that_does_not_fit_its_content(mark: str, change: int) -> None:
    """The lengths around slots are checked, not skipped."""
    data = bytearray(mr_file(77))
    private = data.index(struct.pack("<2H2s", 0x0009, 0x1110, b"SQ"))
    csa = data.index(struct.pack("<2H2s", 0x0029, 0x1010, b"OB"))
    at = {"item": private + 16, "sequence": private + 8, "CSA header": csa + 8}[mark]
    (length,) = struct.unpack_from("<I", data, at)
    struct.pack_into("<I", data, at, length + change)
    part = with_others(bytes(data))
    assert part.files[6].status != "ok" or part.instances[6].read_by != "template"


def test_the_length_of_a_lookup_table_decides_its_vr() -> None:
    def table(number: int, length: int) -> E:
        item = (
            E(0x00283002, "US", struct.pack("<3H", 4, 0, 16)),
            E(0x00283006, "OW", bytes([number]) * length),
        )
        return E(0x00283000, "SQ", (item,))

    files = [mr_file(n, IMPLICIT, table=table(n, 8)) for n in range(1, 6)]
    check(
        [*files, mr_file(9, IMPLICIT, table=table(9, 2)), mr_file(10, IMPLICIT, table=table(1, 8))]
    )


def test_another_series_of_the_same_structure() -> None:
    files = [mr_file(number, uid=f"1.2.{3 + number % 2}") for number in range(1, 21)]
    part = check(files)
    # The first file of each might be alone in its series; from the second on they are apart.
    later = [i for i in part.instances if i.file > 1]
    odd = {i.template for i in later if i.file % 2}
    even = {i.template for i in later if not i.file % 2}
    assert len(odd) == len(even) == 1
    assert odd != even


def test_files_alone_in_their_series_share_a_template() -> None:
    files = [mr_file(number, uid=f"1.2.{number}") for number in range(1, 41)]
    part = check(files)
    assert len({i.template for i in part.instances}) == 1
    assert sum(i.read_by == "template" for i in part.instances) > 30


def test_more_items_of_the_same_sequence() -> None:
    item = (text(0x00081155, "UI", "1.2.3"),)
    files = [
        mr_file(n, items=E(0x00081140, "SQ", (item,) * (n % 4), undefined=bool(n % 2)))
        for n in range(1, 17)
    ]
    check(files)


def test_an_element_twice() -> None:
    twice = mr_image(77)
    twice.insert(5, text(0x00081030, "LO", "first"))
    twice.insert(6, text(0x00081030, "LO", "second"))
    with_others(meta(EXPLICIT, "1.2.9.77") + encode(twice))


def test_a_file_cut_in_its_pixel_data_or_its_header() -> None:
    whole = mr_file(77)
    part = with_others(whole[:-4])
    assert part.instances[6].truncation == "pixel data"
    part = with_others(whole[: whole.index(b"SV10")])
    assert part.instances[6].truncation == "header"


def test_the_same_file_again() -> None:
    part = check([mr_file(1)] * 5)
    assert read_by(part) == {"tokens": 1, "template": 4}


def test_radiopharmaceuticals_that_vary() -> None:
    def item(number: int) -> tuple[E, ...]:
        return (text(0x00181074, "DS", str(number * 1e6)), text(0x00180031, "LO", "FDG"))

    files = [
        mr_file(n, drug=E(0x00540016, "SQ", tuple(map(item, range(1 + n // 5, 3 + n % 2)))))
        for n in range(1, 12)
    ]
    part = check(files)
    found = flatten(part, 0, "run", SECRET)["radiopharmaceuticals"].open
    assert found is not None
    for instance in part.instances:
        rows = found.filter(pl.col("header_id") == instance.template)
        number = instance.file + 1
        assert rows.sort("item")["RadionuclideTotalDose"].to_list() == [
            n * 1e6 for n in range(1 + number // 5, 3 + number % 2)
        ]
