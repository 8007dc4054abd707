"""What can be wrong with a template: a name, values, and the sentence that they make in English.

The app says the same in other languages, by the same names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SENTENCES: Mapping[str, str] = {
    "template_name": "A template's name has 1 to 32 small letters, digits, - and _, a letter "
    "first.",
    "no_template": "There is no template {name}. There are: {known}.",
    "too_many_templates": "A databank may have {most} templates, not more.",
    "unreadable": "it cannot be read.",
    "too_large": "it is too large: a template has {most} KiB at most.",
    "empty": "it is empty.",
    "not_utf8": "it is not UTF-8 text.",
    "not_json": "it is not JSON: {detail} (line {line}, column {column}).",
    "odd_json": "it is not JSON that a template can be.",
    "not_object": "it must be an object: {example}.",
    "key_twice": "{key} is there twice.",
    "unknown_key": "{key} is not a key of a template; there are {known}.",
    "unknown_key_near": "{key} is not a key of a template; did you mean {near}?",
    "description": "description is a text of up to {most} characters.",
    "rows": "rows is series or instances.",
    "modality": "{asked} is not a modality: one is written as MR or CT.",
    "include": "{asked} is not the name of another template.",
    "not_texts": "{key} must be a list of texts: {example}.",
    "too_many_entries": "{key} may have {most} entries and no more.",
    "entry_twice": "{key} has an entry twice.",
    "no_columns": "columns is empty: a template needs at least one.",
    "too_many_columns": "it may have {most} columns and no more.",
    "includes_itself": "it includes {other}, which includes it.",
    "includes_unknown": "it includes {other}, but there are only {known}.",
    "modality_taken": "{modality} has a template of this databank already, {other}.",
    "and_more": "And {n} more.",
    "column_twice": "{name} is there twice.",
    "column_twice_as": "{name} is there twice, as {one} and {other}.",
    "entry_empty": "An entry is empty.",
    "entry_odd": "{asked} is not an entry: it is too long or not plain text.",
    "too_deep": "{asked} is nested too deep: {most} sequences at most.",
    "not_sequence": "{asked} is not a sequence, so nothing can stand in it.",
    "not_private": "{asked}: group {group} is even, so the tag is not private and has no creator; "
    "write {tag} or its keyword.",
    "needs_creator": "{asked} is a private tag and needs its creator: {example}.",
    "not_in_standard": "{asked} is not a tag that the DICOM standard has.",
    "not_tag": "{asked} is not a tag: one has eight digits of 0-9 and A-F, as in 00180081 or "
    "(0018,0081); a private one names its creator: (2001,xx03) Philips Imaging DD 001.",
    "unknown": "{asked} is neither a DICOM keyword nor a tag nor a column of Taglake.",
    "unknown_near": "{asked} is neither a DICOM keyword nor a tag nor a column of Taglake. Did you "
    "mean {near}?",
}  # fmt: skip


@dataclass(frozen=True)
class Wrong:
    """One thing that is wrong; of a value that is a tuple one is meant."""

    what: str
    values: Mapping[str, str | int | tuple[str, ...]]

    def __str__(self) -> str:
        said = {
            name: " or ".join(value) if isinstance(value, tuple) else value
            for name, value in self.values.items()
        }
        return SENTENCES[self.what].format(**said)


def wrong(what: str, **values: str | int | tuple[str, ...]) -> Wrong:
    """What is wrong, by a name of SENTENCES, and the values of its sentence."""
    return Wrong(what, values)
