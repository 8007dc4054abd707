"""From tables to files: acquisitions of all series, and the bytes of their instances."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from app.demo.acquisition import PAUSE_MINUTES, Acquisition, moment_of
from app.demo.contents import CONTENTS
from app.demo.damage import DAMAGES
from app.demo.elements import SYNTAXES, Elements, Encoding, codecs_of, elements_of
from app.demo.frames import Instance
from app.demo.modules import common_constant, common_varying, sop_class_uid
from app.demo.private import FAMILIES
from app.demo.protocols import PROTOCOLS
from app.demo.records import Patient, Series, Study
from app.demo.scanners import SCANNERS
from app.demo.template import Template, file_bytes

COPY_DAYS = 11
"""Studies of the second copy of the cohort are so many days later, of the third twice as many."""


class Written(NamedTuple):
    """One instance, encoded."""

    instance: Instance
    content: bytes


def acquisitions(
    patients: tuple[Patient, ...], *, seed: int, copy: int = 0, first_number: int = 1
) -> Iterator[Acquisition]:
    """All series of `patients` in order; the n-th patient gets number `first_number` + n."""
    for number, patient in enumerate(patients, start=first_number):
        for study in patient.studies:
            yield from _of_study(patient, f"DEMO-{number:04d}", study, seed, copy)


def _of_study(
    patient: Patient, patient_id: str, study: Study, seed: int, copy: int
) -> Iterator[Acquisition]:
    study_start = moment_of(study.date, study.time) + timedelta(days=COPY_DAYS * copy)
    clock = study_start + timedelta(minutes=PAUSE_MINUTES)
    for number, series in enumerate(study.series, start=1):
        protocol = PROTOCOLS[series.protocol]
        start = _start(series, study_start, clock)
        yield Acquisition(
            seed=seed,
            copy=copy,
            patient_id=patient_id,
            patient=patient,
            study=study,
            series=series,
            number=number,
            scanner=SCANNERS[series.scanner or study.scanner],
            protocol=protocol,
            study_start=study_start,
            start=start,
        )
        clock = start + timedelta(seconds=protocol.seconds, minutes=PAUSE_MINUTES)


def _start(series: Series, study_start: datetime, clock: datetime) -> datetime:
    return clock if series.at is None else study_start + timedelta(minutes=series.at)


def written_instances(it: Acquisition) -> Iterator[Written]:
    """The files of one series, damage included."""
    template = template_of(it)
    damage = DAMAGES[it.series.damage]
    for instance in it.instances:
        yield Written(instance, damage.apply(file_of(it, template, instance)))


def template_of(it: Acquisition) -> Template:
    """What all files of a series share, encoded."""
    constant = (
        common_constant(it)
        | CONTENTS[it.protocol.content].constant(it)
        | FAMILIES[it.scanner.private].constant(it)
    )
    return Template(_with_changes(it, constant), encoding_of(it))


def file_of(it: Acquisition, template: Template, instance: Instance) -> bytes:
    """One file of a series."""
    syntax = SYNTAXES[it.series.syntax]
    data_set = template.render(varying_elements(it, instance))
    uids = sop_class_uid(it), it.instance_uid(instance.number)
    return file_bytes(*uids, syntax, data_set, it.scanner.implementation)


def varying_elements(it: Acquisition, instance: Instance) -> Elements:
    """What is special about one file of a series."""
    varying = (
        common_varying(it, instance)
        | CONTENTS[it.protocol.content].varying(it, instance)
        | FAMILIES[it.scanner.private].varying(it, instance)
    )
    for tag in _changed_tags(it) if it.series.changes else ():
        varying.pop(tag, None)
    return varying


def encoding_of(it: Acquisition) -> Encoding:
    """How the elements of a series become bytes."""
    syntax = SYNTAXES[it.series.syntax]
    codecs = codecs_of(it.patient.character_set)
    return Encoding(syntax.explicit, syntax.little, it.scanner.undefined_lengths, codecs)


def _with_changes(it: Acquisition, elements: Elements) -> Elements:
    kept = {tag: element for tag, element in elements.items() if tag not in _changed_tags(it)}
    return kept | elements_of(it.series.changes)


def _changed_tags(it: Acquisition) -> frozenset[int]:
    """Tags that the series' changes decide, whatever else is said."""
    present = {name: "" for name, value in it.series.changes.items() if isinstance(name, str)}
    tags = {name for name in it.series.changes if isinstance(name, int)}
    return frozenset(tags | set(elements_of(present)))
