"""Many simple series, fast, for benchmarks and tests of size.

All series of a call share one template, and what makes a series a series (UIDs, number, patient)
is filled in per file; so a file costs little more than its writing, also where every file is a
series of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final, NamedTuple

from app.demo.acquisition import Acquisition, dicom_date, dicom_time, moment_of
from app.demo.elements import SYNTAXES, Elements, elements_of
from app.demo.identity import uid
from app.demo.modules import sop_class_uid
from app.demo.protocols import PROTOCOLS
from app.demo.records import Injection, Patient, Protocol, Series, Study
from app.demo.scanners import SCANNERS
from app.demo.template import file_bytes
from app.demo.writer import template_of, varying_elements

SERIES_A_STUDY: Final = 5
STUDIES_A_PATIENT: Final = 2


class Kind(NamedTuple):
    """A scanner and one of its protocols, by their keys."""

    scanner: str
    protocol: str
    injections: tuple[Injection, ...] = ()


KINDS: Final[Mapping[str, Kind]] = {
    "siemens": Kind("prisma", "si_t2_tse"),
    "siemens_dwi": Kind("prisma", "si_trace"),
    "siemens_mosaic": Kind("prisma", "si_bold"),
    "ge": Kind("pioneer", "ge_t2_frfse"),
    "ge_dwi": Kind("pioneer", "ge_dwi"),
    "philips": Kind("ingenia", "ph_t2_tse"),
    "uih": Kind("umr", "uih_t2"),
    "canon": Kind("galan", "canon_t1"),
    "ct": Kind("force", "ct_thorax_native"),
    "ct_ge": Kind("revolution", "ct_portal"),
    "pet": Kind("biograph", "pet_wb", (Injection("FDG", 210e6, 60.0),)),
}
"""What `write_instances` can write."""


def write_instances(
    folder: Path,
    kind: str,
    n_series: int,
    n_instances: int,
    *,
    seed: int = 7,
    first_series: int = 0,
    syntax: str = "explicit",
    pixels: int = 16,
) -> int:
    """Writes `n_series` series of `n_instances` files each, a folder a series.

    Args:
        folder: made if it does not exist; files are `S00000/I00000.dcm`.
        kind: key of `KINDS`.
        n_series, n_instances: 5 series make a study, 2 studies a patient.
        seed: decides all UIDs together with `kind` and the number of the series.
        first_series: number of the first series, so that a later call adds others.
        syntax: key of `app.demo.elements.SYNTAXES`.
        pixels: rows and columns.

    Returns:
        The number of files written.

    Raises:
        KeyError: no such kind or syntax.
    """
    model = _model(kind, n_instances, seed, syntax, pixels)
    template = template_of(model)
    sop_class, transfer = sop_class_uid(model), SYNTAXES[syntax]
    varying = [varying_elements(model, instance) for instance in model.instances]
    for number in range(first_series, first_series + n_series):
        series_folder = folder / f"S{number:05d}"
        series_folder.mkdir(parents=True, exist_ok=True)
        identity = _series_identity(model, kind, number)
        for index, elements in enumerate(varying):
            instance_uid = uid(seed, kind, number, index)
            own = elements_of({"SOPInstanceUID": instance_uid})
            data_set = template.render(elements | identity | own)
            content = file_bytes(sop_class, instance_uid, transfer, data_set)
            with open(series_folder / f"I{index:05d}.dcm", "wb") as file:
                file.write(content)
    return n_series * n_instances


def _model(kind: str, n_instances: int, seed: int, syntax: str, pixels: int) -> Acquisition:
    """The series that all others are copies of."""
    scanner, protocol_key, injections = KINDS[kind]
    series = Series("series", protocol_key, syntax=syntax, injections=injections)
    study = Study("bulk", scanner, "20240601", "080000", "Bulk", (series,))
    patient = Patient("Demo^Bulk", "O", "19700101", 1.7, 70.0, (study,))
    start = moment_of(study.date, study.time)
    protocol = _sized(PROTOCOLS[protocol_key], n_instances, pixels)
    return Acquisition(
        seed, 0, "BULK-0000", patient, study, series, 1, SCANNERS[scanner], protocol, start, start
    )


def _sized(protocol: Protocol, n_instances: int, pixels: int) -> Protocol:
    """The protocol with one frame or volume an instance, as many as asked for."""
    sized = replace(protocol, rows=pixels, columns=pixels)
    if protocol.grouping == "volume":
        steps = tuple(protocol.steps[i % len(protocol.steps)] for i in range(n_instances))
        return replace(sized, steps=steps)
    volumes = len(protocol.steps) if n_instances % len(protocol.steps) == 0 else 1
    return replace(sized, steps=protocol.steps[-volumes:], slices=n_instances // volumes)


def _series_identity(model: Acquisition, kind: str, number: int) -> Elements:
    """Everything that differs from series to series."""
    study = number // SERIES_A_STUDY
    patient = study // STUDIES_A_PATIENT
    start = model.start + timedelta(days=study % 365, minutes=5 * (number % SERIES_A_STUDY))
    return elements_of(
        {
            "PatientID": f"BULK-{patient:06d}",
            "PatientName": f"Bulk^{patient:06d}",
            "StudyInstanceUID": uid(model.seed, kind, "study", study),
            "SeriesInstanceUID": uid(model.seed, kind, "series", number),
            "FrameOfReferenceUID": uid(model.seed, kind, "frame of reference", study),
            "AccessionNumber": f"B{study:08d}",
            "SeriesNumber": number % SERIES_A_STUDY + 1,
            "StudyDate": dicom_date(start),
            "SeriesDate": dicom_date(start),
            "SeriesTime": dicom_time(start),
        }
    )
