"""A databank's changes to the rules: ``mr.toml``, or an earlier tool's ``mr_clean_config.json``."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingest.mr import legacy, records
from ingest.mr.conditions import InvalidRule
from ingest.mr.records import Rules

FILE = "mr.toml"
LEGACY_FILE = "mr_clean_config.json"
MAX_BYTES = 1 << 20
TABLES = ("rules", "rule", "fact", "threshold", "band", "table", "dynamic")


class InvalidConfig(Exception):
    """The file cannot be used; the message says what to change."""


@dataclass(frozen=True)
class Config:
    """Rules with a databank's changes, and what of its file was not understood."""

    rules: Rules = field(default_factory=records.shipped)
    propagate: bool = True
    not_understood: tuple[str, ...] = ()

    @classmethod
    def read(cls, path: Path | str) -> Config:
        """The rules changed by the file at ``path``; the shipped ones if there is none.

        ``.json`` is read as an ``mr_clean_config.json``, everything else as ``mr.toml``.  Raises
        InvalidConfig.
        """
        path = Path(path)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return DEFAULT
        except OSError as error:
            raise InvalidConfig(f"{path.name} cannot be read: {error.strerror}.") from error
        if len(data) > MAX_BYTES:
            raise InvalidConfig(f"{path.name} is larger than {MAX_BYTES} bytes.")
        try:
            if path.suffix == ".json":
                return cls.parse(*legacy.translated(json.loads(data)))
            return cls.parse(tomllib.loads(data.decode("utf-8")))
        except (ValueError, RecursionError) as error:
            raise InvalidConfig(f"{path.name} cannot be read: {error}.") from error
        except InvalidRule as error:
            raise InvalidConfig(f"{path.name}: {error}.") from error
        except (TypeError, AttributeError, KeyError) as error:
            raise InvalidConfig(f"{path.name}: a value is not of the type it has to be.") from error

    @classmethod
    def of(cls, root: Path) -> Config:
        """The rules of the databank at ``root``: its mr.toml, else its mr_clean_config.json."""
        own = root / FILE
        return cls.read(own if own.exists() else root / LEGACY_FILE)

    @classmethod
    def parse(cls, content: Mapping[str, Any], notes: tuple[str, ...] = ()) -> Config:
        """The rules changed by ``content`` (of an mr.toml); raises InvalidRule."""
        if unknown := content.keys() - set(TABLES):
            raise InvalidRule(f"[{sorted(unknown)[0]}] is not a part of {FILE}")
        for name in TABLES:
            kind, said = (list, "a list of tables") if name == "rule" else (dict, "a table")
            if not isinstance(content.get(name, kind()), kind):
                raise InvalidRule(f"{name} has to be {said}")
        files = {name: dict(file) for name, file in records.files().items()}
        _thresholds(files, content)
        _facts(files, content)
        _rules(files, content)
        for name, entries in content.get("table", {}).items():
            if name not in files["tables"]["table"]:
                raise InvalidRule(f"there is no table {name}")
            files["tables"] = {
                "table": {
                    **files["tables"]["table"],
                    name: {**files["tables"]["table"][name], **entries},
                }
            }
        propagate = content.get("dynamic", {}).get("propagate", True)
        return cls(records.parse(files), bool(propagate), notes)


def _thresholds(files: dict[str, Any], content: Mapping[str, Any]) -> None:
    shipped = files["thresholds"]
    known = {**shipped["threshold"]}
    bands = {name: dict(band) for name, band in shipped["band"].items()}
    for name, value in content.get("threshold", {}).items():
        if name not in known:
            raise InvalidRule(f"there is no threshold {name}")
        known[name] = _number(name, value)
    for band, values in content.get("band", {}).items():
        if band not in bands:
            raise InvalidRule(f"there is no band {band}; there are {', '.join(bands)}")
        for name, value in values.items():
            if name not in bands["default"]:
                raise InvalidRule(f"there is no threshold {name} of a band")
            bands[band][name] = _number(name, value)
    files["thresholds"] = {"threshold": known, "band": bands}


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        raise InvalidRule(f"threshold {name} has to be a number")
    return float(value)


def _facts(files: dict[str, Any], content: Mapping[str, Any]) -> None:
    if content.get("fact"):
        files["facts"] = {"fact": {**files["facts"]["fact"], **content["fact"]}}


def _rules(files: dict[str, Any], content: Mapping[str, Any]) -> None:
    """``[rules.ID]`` changes or disables a rule; ``[[rule]]`` adds one before all others."""
    changes = dict(content.get("rules", {}))
    for name, file in files.items():
        if "rule" not in file or "question" not in file:
            continue
        kept = []
        for rule in file["rule"]:
            change = dict(changes.pop(rule["id"], {}))
            if change.pop("enabled", True):
                kept.append({**rule, **change})
        files[name] = {**file, "rule": kept}
    if changes:
        raise InvalidRule(f"there is no rule {sorted(changes)[0]}")
    for rule in content.get("rule", ()):
        rule = dict(rule)
        question = rule.pop("question", "class")
        if question not in records.QUESTIONS:
            raise InvalidRule(f"there is no question {question}")
        own = files.setdefault(f"0_own_{question}", {"question": question, "rule": []})
        own["rule"].append(rule)


DEFAULT = Config()
