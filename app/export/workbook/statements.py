"""The SQL of the sheets: one statement each, whatever the number of rows and of elements.

Tables are named as a question of the app names them, so filters are put before them by the same
means; what a person typed into a template is in them as quoted text only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from app.export import deidentify
from app.export.selection import PASSING
from app.export.workbook.columns import KEYS, PATHS, Plan, Planned
from ingest.lake.sql import identifier, literal
from ingest.templates import Entry

PATIENT = deidentify.PATIENT
SAME_SERIES = (
    "coalesce({a}.StudyInstanceUID, '') = coalesce({b}.StudyInstanceUID, '') "
    "AND coalesce({a}.SeriesInstanceUID, '') = coalesce({b}.SeriesInstanceUID, '')"
)
FIRST = "LEFT JOIN instances AS f ON f.SOPInstanceUID = s.FirstSOPInstanceUID"
IN_ORDER = """row_number() OVER (
    PARTITION BY coalesce(StudyInstanceUID, ''), coalesce(SeriesInstanceUID, '')
    ORDER BY CASE WHEN isfinite(slice_position_mm) THEN slice_position_mm END NULLS LAST,
        acquisition_datetime NULLS LAST, InstanceNumber NULLS LAST, SOPInstanceUID NULLS LAST
) AS file_index"""
"""As the first instance of a series is found; see ``members.sql`` of the derivation."""
ORDER = ("o_date", "o_study", "o_number", "o_series", "o_index", "o_row")

_PRIVATE = re.compile(r"\(([0-9A-F]{4}),xx([0-9A-F]{2})\) (.+)", re.DOTALL)


def metadata(plan: Plan, by_image: Sequence[str], paths: bool) -> str:
    """A row for every series, or for every image of a series of the modalities ``by_image``."""
    if not by_image:
        return _sorted(plan, [_series_rows(plan, paths, "")], paths)
    chosen = ", ".join(map(text, by_image))
    whole = _series_rows(plan, paths, f"WHERE coalesce(s.Modality, '') NOT IN ({chosen})")
    images = _image_rows(plan, paths, f"WHERE s.Modality IN ({chosen})")
    return _sorted(plan, [whole, images], paths)


def cleaned(plan: Plan, paths: bool, keys: Iterable[str]) -> str:
    """A row for every row of mr_cleaned; ``keys`` tell those of a series apart."""
    joined = f"JOIN mr_cleaned AS m ON {SAME_SERIES.format(a='s', b='m')}"
    row = ", ".join(f"m.{identifier(key)}" for key in keys)
    rows = _series_rows(plan, paths, "", joined, f"row({row})" if row else "1")
    return _sorted(plan, [rows], paths)


def findings(columns: Iterable[str], filtered: bool) -> str:
    """What the rules say of the chosen series and their studies."""
    listed = ", ".join(map(identifier, columns))
    # By all columns: no two rows are left to chance.
    found = f"SELECT {listed} FROM memory.main.findings{_passing(filtered)}"
    return f"{found} ORDER BY ALL NULLS LAST"


def modalities() -> str:
    """How many series and images there are of each modality."""
    return (
        "SELECT Modality, count(*) AS series, sum(n_instances)::BIGINT AS images "
        "FROM series GROUP BY Modality ORDER BY Modality NULLS LAST"
    )


def n_findings(filtered: bool) -> str:
    """How many findings there are about the chosen series and their studies."""
    return f"SELECT count(*) FROM memory.main.findings{_passing(filtered)}"


def _passing(filtered: bool) -> str:
    return f" WHERE {PASSING['findings']}" if filtered else ""


def _sorted(plan: Plan, parts: Sequence[str], paths: bool) -> str:
    names = [*(one.read for one in _read(plan)), *KEYS, *(PATHS if paths else ())]
    listed = ", ".join(map(identifier, [*names, PATIENT]))
    rows = "\nUNION ALL BY NAME\n".join(parts)
    order = ", ".join(f"{name} NULLS LAST" for name in ORDER)
    return f"SELECT {listed} FROM (\n{rows}\n) ORDER BY {order}"


def _series_rows(
    plan: Plan, paths: bool, where: str, joined: str = "", row: str = "1"
) -> str:  # fmt: skip
    said = [f"{one.series} AS {identifier(one.read)}" for one in _read(plan)]
    keys = ("s.StudyInstanceUID", "s.SeriesInstanceUID", *["s.FirstSOPInstanceUID"] * 2)
    said += [f"{value} AS {identifier(key)}" for key, value in zip(KEYS, keys, strict=True)]
    sources = ["FROM series AS s", joined]
    if paths or any(one.series.startswith("f.") for one in plan.columns):
        sources.append(FIRST)
    if paths:
        said += [f"g.uri AS {identifier(name)}" for name in PATHS]
        sources.append("LEFT JOIN files AS g ON g.file_id = f.instance_id")
    if plan.elements:
        elements = _elements(plan.elements, by_image=False)
        sources.append(f"LEFT JOIN ({elements}) AS e ON e.place = {_place('s')}")
    return _select([*said, *_order("1", row)], [*sources, where])


def _image_rows(plan: Plan, paths: bool, where: str) -> str:
    said = [f"{one.image} AS {identifier(one.read)}" for one in _read(plan)]
    keys = (
        "s.StudyInstanceUID", "s.SeriesInstanceUID", "i.SOPInstanceUID", "s.FirstSOPInstanceUID"
    )  # fmt: skip
    said += [f"{value} AS {identifier(key)}" for key, value in zip(KEYS, keys, strict=True)]
    images = ", ".join(_images(plan))
    # Before they are counted, which takes all their columns into memory.
    chosen = f"{_place('instances')} IN (SELECT {_place('s')} FROM series AS s {where})"
    sources = [
        f"FROM (SELECT {images}, {IN_ORDER} FROM instances WHERE {chosen}) AS i",
        f"JOIN series AS s ON {SAME_SERIES.format(a='i', b='s')}",
    ]
    if paths:
        said += [f"{t}.uri AS {identifier(name)}" for t, name in zip("gh", PATHS, strict=True)]
        sources += [
            "LEFT JOIN files AS g ON g.file_id = i.instance_id",
            FIRST,
            "LEFT JOIN files AS h ON h.file_id = f.instance_id",
        ]
    if plan.elements:
        elements = _elements(plan.elements, by_image=True)
        sources.append(f"LEFT JOIN ({elements}) AS e ON e.place = i.instance_id")
    return _select([*said, *_order("i.file_index", "1")], [*sources, where])


def _select(said: Iterable[str], sources: Iterable[str]) -> str:
    return f"SELECT {', '.join(said)}\n" + "\n".join(source for source in sources if source)


def _read(plan: Plan) -> Iterable[Planned]:
    return (one for one in plan.columns if one.kind != "file")


def _images(plan: Plan) -> list[str]:
    """The columns of instances that rows about images read."""
    named = re.findall(
        r"\bi\.(\"(?:[^\"]|\"\")+\"|\w+)", " ".join(one.image for one in plan.columns)
    )
    always = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "instance_id")
    found = dict.fromkeys(name.strip('"') for name in (*named, *always))
    return [identifier(name) for name in found if name != "file_index"]


def _order(index: str, row: str) -> tuple[str, ...]:
    """What rows are sorted by, and the patient by whom dates are moved."""
    values = (
        "s.StudyDate", "coalesce(s.StudyInstanceUID, '')", "s.SeriesNumber",
        "coalesce(s.SeriesInstanceUID, '')", index, row,
    )  # fmt: skip
    named = (f"{value} AS {name}" for value, name in zip(values, ORDER, strict=True))
    return (*named, f"s.patient_key AS {identifier(PATIENT)}")


def _place(table: str) -> str:
    return f"(coalesce({table}.StudyInstanceUID, ''), coalesce({table}.SeriesInstanceUID, ''))"


def _elements(entries: Sequence[Entry], *, by_image: bool) -> str:
    """The texts of elements, a list for each: e0, e1, ... of a ``place``, a series or an image.

    Where an element stands at the top of a header, those in sequences are not meant.
    """
    keys = "\nUNION ALL ".join(_key(one, n) for n, one in enumerate(entries))
    place = "i.instance_id" if by_image else _place("i")
    lists = ", ".join(
        f"coalesce({_list(n, 'rank = 0')}, {_list(n, 'rank = 1')}) AS e{n}"
        for n in range(len(entries))
    )
    text = "coalesce(v.text, CAST(CAST(v.number AS BIGINT) AS VARCHAR))"
    each = "header_id, StudyInstanceUID, SeriesInstanceUID" + (", instance_id" * by_image)
    said = f"{place} AS place, k.entry, k.rank, {text} AS text"
    return f"""
WITH keys AS ({keys}),
found AS (
    SELECT {said} FROM (SELECT DISTINCT {each} FROM instances) AS i
    JOIN header_elements AS v USING (header_id) JOIN keys AS k USING (key_id)
    UNION ALL
    SELECT {said} FROM instances AS i
    JOIN instance_elements AS v USING (instance_id) JOIN keys AS k USING (key_id)
),
single AS (SELECT DISTINCT place, entry, rank, text FROM found WHERE text <> '')
SELECT place, {lists} FROM single GROUP BY place
"""


def _list(number: int, rank: str) -> str:
    order = "ORDER BY try_cast(text AS DOUBLE) NULLS LAST, text"
    return f"list(text {order}) FILTER (WHERE entry = {number} AND {rank})"


def _key(one: Entry, number: int) -> str:
    """The keys of an element: of a private one wherever its block is and however deep it stands."""
    *around, last = _parts(one.source)
    prefix = "".join(f"{tag}[0]." for tag in around)
    private = _PRIVATE.fullmatch(last)
    if private is None:
        where = f"path = {literal(prefix + last)}"
        return f"SELECT key_id, {number} AS entry, 0 AS rank FROM element_keys WHERE {where}"
    group, offset, creator = private.groups()
    where = (
        f"tag[1:4] = '{group}' AND tag[7:8] = '{offset}' AND NOT contains(path, '/') "
        f"AND trim(creator) = {text(creator)}"
    )
    if prefix:
        where += f" AND path = {literal(prefix)} || tag"
        return f"SELECT key_id, {number} AS entry, 0 AS rank FROM element_keys WHERE {where}"
    rank = "CASE WHEN path = tag THEN 0 ELSE 1 END"
    return f"SELECT key_id, {number} AS entry, {rank} AS rank FROM element_keys WHERE {where}"


def undashed(sql: str) -> str:
    """SQL without two dashes in a row in its texts, which would be taken for a comment."""
    return re.sub(r"-(?=-)", "-' || '", sql)


def text(value: str) -> str:
    return undashed(literal(value))


def _parts(source: str) -> list[str]:
    """The tags of a path; the creator of a private one may have a / itself."""
    at = source.find("(")
    if at < 0:
        return source.split("/")
    return [*source[:at].strip("/").split("/"), source[at:]] if at else [source]
