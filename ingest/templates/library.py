"""All templates of a databank: those that come with Taglake, its own before them.

A databank's own are files ``templates/NAME.json`` in its folder. One that has the name of a default
stands in its place; one that names a modality is used for it before a default is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from ingest.lake.durable import replace_file
from ingest.lake.errors import writing
from ingest.lake.tables import tables_of
from ingest.schema import TABLES, Table
from ingest.templates.entry import Entry
from ingest.templates.template import MAX_BYTES, MAX_COLUMNS, NAME, Template, TemplateInvalid, parse
from ingest.templates.wrong import wrong

FOLDER = "templates"
"""In the folder of a databank."""
COMMON = "common"
"""The template of a modality that has none."""
MAX_FILES = 100
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Library:
    """Templates by name; ``own`` are the names of those that the databank brings itself.

    ``troubles`` says of own ones that cannot be used why: the default of the name stands in.
    ``given`` are those that somebody brought for one use.
    """

    templates: Mapping[str, Template]
    own: frozenset[str] = frozenset()
    given: frozenset[str] = frozenset()
    troubles: tuple[TemplateInvalid, ...] = ()

    def of(self, modality: str | None) -> Template:
        """The template of a modality: given ones first, then own ones; else the common one."""
        named = [one for one in self.templates.values() if modality in one.modalities]
        named.sort(key=lambda one: (one.name not in self.given, one.name not in self.own))
        return named[0] if named else self.templates[COMMON]

    def entries(self, name: str) -> tuple[Entry, ...]:
        """The columns of a template, those of the templates it includes first, each once.

        Raises TemplateInvalid where it includes what is not there, or itself.
        """
        made = tuple({one.name: one for one in self._walk(name, ())}.values())
        if len(made) > MAX_COLUMNS:
            raise TemplateInvalid(wrong("too_many_columns", most=MAX_COLUMNS), name=name)
        return made

    def with_given(self, *templates: Template) -> Library:
        """The same with these before all others; raises TemplateInvalid where they do not fit."""
        given = {one.name: one for one in templates}
        made = replace(self, templates={**self.templates, **given}, given=frozenset(given))
        for name in made.templates:
            made.entries(name)
        return made

    def _walk(self, name: str, above: tuple[str, ...]) -> Iterator[Entry]:
        template = self.templates[name]
        for other in template.include:
            if other in (*above, name):
                raise TemplateInvalid(wrong("includes_itself", other=other), name=name)
            if other not in self.templates:
                known = ", ".join(sorted(self.templates))
                raise TemplateInvalid(
                    wrong("includes_unknown", other=other, known=known), name=name
                )
            yield from self._walk(other, (*above, name))
        yield from template.entries


@lru_cache(maxsize=1)
def defaults() -> Mapping[str, Template]:
    """The templates that come with Taglake."""
    files = sorted(HERE.glob("*.json"))
    return {file.stem: parse(file.stem, file.read_bytes(), TABLES) for file in files}


def default(name: str) -> Template | None:
    """The template of that name that comes with Taglake."""
    return defaults().get(name)


def read(root: Path) -> Library:
    """The templates of a databank; what is wrong with its own is in ``troubles``.

    Raises ColumnsInvalid where its columns.toml cannot be used.
    """
    tables = tables_of(root)
    found: dict[str, Template] = {}
    troubles: list[TemplateInvalid] = []
    for file in _files(root, troubles):
        try:
            found[file.stem] = _read(file, tables)
        except TemplateInvalid as error:
            troubles.append(error)
    while True:
        library = Library({**defaults(), **found}, frozenset(found), troubles=tuple(troubles))
        unfit = _unfit(library)
        if unfit is None:
            return library
        troubles.append(unfit)
        found.pop(unfit.name)


def edition(root: Path) -> tuple[tuple[str, int, int], ...]:
    """Changes with the databank's own templates; () where it has none."""
    found = []
    for file in _files(root, []):
        try:
            state = file.stat()
        except OSError:
            continue
        found.append((file.name, state.st_ino, state.st_mtime_ns))
    return tuple(found)


def write(root: Path, name: str, content: str) -> Template:
    """Keep a template in a databank; raises TemplateInvalid, DatabankNotWritable."""
    template = parse(name, content, tables_of(root))
    before = read(root)
    after = {**before.templates, name: template}
    unfit = _unfit(Library(after, before.own | {name}))
    if unfit:
        raise TemplateInvalid(*unfit.wrong, name=name)
    with writing():
        (root / FOLDER).mkdir(exist_ok=True)
        replace_file(root / FOLDER / f"{name}.json", content.encode())
    return template


def remove(root: Path, name: str) -> None:
    """Forget a databank's own template; the default of the name, if there is one, is back."""
    if NAME.fullmatch(name):
        with writing():
            (root / FOLDER / f"{name}.json").unlink(missing_ok=True)


def _unfit(library: Library) -> TemplateInvalid | None:
    """What is wrong with how templates fit each other, about one that is the databank's own."""
    claimed: dict[str, str] = {}
    for name in sorted(library.own):
        for modality in library.templates[name].modalities:
            if modality in claimed:
                taken = wrong("modality_taken", modality=modality, other=claimed[modality])
                return TemplateInvalid(taken, name=name)
            claimed[modality] = name
    for name in library.templates:
        try:
            library.entries(name)
        except TemplateInvalid as error:
            # A default has nothing wrong by itself: it includes what an own one has replaced.
            own = name if name in library.own else min(library.own)
            return TemplateInvalid(*error.wrong, name=own)
    return None


def _files(root: Path, troubles: list[TemplateInvalid]) -> list[Path]:
    try:
        files = sorted(file for file in (root / FOLDER).iterdir() if file.suffix == ".json")
    except OSError:  # there are none
        return []
    files = [file for file in files if not file.name.startswith(".")]
    if len(files) > MAX_FILES:
        troubles.append(TemplateInvalid(wrong("too_many_templates", most=MAX_FILES)))
    return files[:MAX_FILES]


def _read(file: Path, tables: Mapping[str, Table]) -> Template:
    try:
        with open(file, "rb") as content:
            return parse(file.stem, content.read(MAX_BYTES + 1), tables)
    except OSError:
        raise TemplateInvalid(wrong("unreadable"), name=file.stem) from None
