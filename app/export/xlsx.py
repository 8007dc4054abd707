"""Excel workbooks: sheets Data, Provenance and Dictionary, written while rows come.

A sheet has a frozen header, an autofilter, widths, real dates and numbers. Rows that a sheet can't
hold go to a further one, and Provenance says so. Nothing tells when it was made, so the same rows
are the same bytes. Rows wait in a folder of their own for temporary files, so memory stays small.
XlsxWriter makes all of the package but the rows, which ``markup`` writes faster.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

import polars as pl
from xlsxwriter import Workbook  # type: ignore[import-untyped]
from xlsxwriter.exceptions import FileCreateError  # type: ignore[import-untyped]

from app.errors import StatementRefused
from app.export import markup, sheet
from app.export.about import EPOCH, About, Described
from app.export.sheet import Kind

CHUNK_ROWS = 500
CHUNK_BYTES = 16 * 2**20
"""Of the rows that become XML at once, which takes several times as much."""
MAX_BYTES = 2**31 - 2**28
"""XML of a sheet: what is larger would need a ZIP64 entry, which Excel says is in need of repair.
It is known after each chunk, hence the room."""
SHOWN = {
    Kind.DATE: "yyyy\\-mm\\-dd",
    Kind.TIME: "hh:mm:ss",
    Kind.DATETIME: "yyyy\\-mm\\-dd\\ hh:mm:ss",
}


def write(frames: Iterable[pl.DataFrame], file: BinaryIO, about: About | None = None) -> int:
    """A workbook of the frames; returns the rows."""
    with Book(file, about.as_of if about else None) as book:
        rows = book.table("Data", frames)
        if about is not None:
            book.table("Provenance", [_texts(("what", "is"), about.lines(rows, book.notes))])
            book.table("Dictionary", [_texts(Described._fields, about.columns)])
    return rows


def _texts(names: Sequence[str], rows: Iterable[tuple[str, ...]]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=dict.fromkeys(names, pl.String), orient="row")


class TooManyColumns(StatementRefused):
    """A sheet holds 16,384 columns at most."""

    def __init__(self) -> None:
        super().__init__(f"A sheet holds {sheet.MAX_COLUMNS:,} columns at most: choose fewer.")


class Book:
    """A workbook that is written sheet by sheet and gets into the file when its ``with`` ends well.

    The file need not be one that can seek. ``notes`` are sentences about what could not be written
    as it is.
    """

    def __init__(self, file: BinaryIO, created: datetime | None = None) -> None:
        self.notes: list[str] = []
        self._file = file
        self._folder = TemporaryDirectory(prefix="taglake-xlsx-")
        self._path = Path(self._folder.name) / "book.xlsx"
        options = {
            "constant_memory": True, "tmpdir": self._folder.name, "use_zip64": True,
            "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
        }  # fmt: skip
        self._book = Workbook(self._path, options)
        self._book.set_properties(
            {"author": "Taglake", "created": (created or EPOCH).astimezone(UTC)}
        )
        bold = self._book.add_format({"bold": True})
        shown = {k: self._book.add_format({"num_format": shown}) for k, shown in SHOWN.items()}
        self._header = dict.fromkeys(Kind, _index(bold))
        self._shown = {kind: _index(one) for kind, one in shown.items()}

    def __enter__(self) -> Book:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        with self._folder:
            if kind is None:
                self._finish()
            for page in self._book.worksheets():
                page._opt_close()  # there is no public way to give a workbook up

    def table(self, name: str, frames: Iterable[pl.DataFrame]) -> int:
        """A sheet with a header and these rows, or several; the first frame says the columns."""
        chunks = _chunks(frames)
        left: pl.DataFrame | None = next(chunks)
        total = cut = number = 0
        while left is not None:
            number += 1
            title = name if number == 1 else f"{name} {number}"
            rows, cut_here, left = self._sheet(title, left, chunks)
            total, cut = total + rows, cut + cut_here
        if number > 1:
            self.notes.append(f"{name} goes on on further sheets, {number} in all.")
        if cut:
            self.notes.append(
                f"{cut:,} cells of {name} are longer than the {sheet.MAX_TEXT:,} characters "
                f"that a cell holds: they are cut and end with{sheet.CUT}."
            )
        return total

    def _sheet(
        self, title: str, first: pl.DataFrame, chunks: Iterator[pl.DataFrame]
    ) -> tuple[int, int, pl.DataFrame | None]:
        """One sheet: its rows, its cut cells, and what did not find room on it."""
        rows = cut = size = 0
        left: pl.DataFrame | None = first
        page = self._page(title, first)
        while left is not None and rows < sheet.MAX_ROWS and size < MAX_BYTES:
            here, rest = left.head(sheet.MAX_ROWS - rows), left.slice(sheet.MAX_ROWS - rows)
            made = sheet.rows(here)
            size += _put(page, rows + 1, made, self._shown)
            rows, cut = rows + made.height, cut + made.cut
            left = rest if rest.height else next(chunks, None)
        page.autofilter(0, 0, rows, first.width - 1)
        return rows, cut, left

    def _page(self, title: str, first: pl.DataFrame) -> Any:
        """An XlsxWriter worksheet with a header that stays on the screen."""
        page = self._book.add_worksheet(title)
        page.freeze_panes(1, 0)
        for column, width in enumerate(sheet.widths(first)):
            page.set_column(column, column, width)
        _put(page, 0, sheet.header(first), self._header)
        return page

    def _finish(self) -> None:
        try:
            self._book.close()
        except FileCreateError as error:
            raise error.args[0] from None  # the OSError that it is about
        with self._path.open("rb") as whole:
            shutil.copyfileobj(whole, self._file)


def _index(shown: Any) -> int:
    """The place of a format in the workbook, which it gets by this."""
    return int(shown._get_xf_index())


def _put(page: Any, first: int, made: sheet.Rows, styles: Mapping[Kind, int]) -> int:
    """Writes rows from row ``first`` on, counted from 0, behind those before; gives the bytes."""
    if not made.cells:
        return 0
    columns = [one.column for one in made.cells]
    page._check_dimensions(first, min(columns))
    page._check_dimensions(first + made.height - 1, max(columns))
    text = markup.rows(made, first + 1, styles).encode()
    page.row_data_fh.flush()
    page.row_data_fh.buffer.write(text)
    return len(text)


def _chunks(frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Parts of the frames that fit in memory as objects; one without rows only if all are."""
    empty: pl.DataFrame | None = None
    for frame in frames:
        if frame.width > sheet.MAX_COLUMNS:
            raise TooManyColumns
        if frame.height:
            empty = pl.DataFrame()
            weight = int(frame.estimated_size()) // frame.height + 8 * frame.width
            yield from frame.iter_slices(max(1, min(CHUNK_ROWS, CHUNK_BYTES // weight)))
        elif empty is None:
            empty = frame
    if empty is not None and empty.width:
        yield empty
