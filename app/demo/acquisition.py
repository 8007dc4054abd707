"""One series of the cohort in its place: patient, study, scanner, protocol, clock and UIDs.

Everything that writes elements is a function of an `Acquisition` and an `Instance`; there is no
other state.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from app.demo.frames import Frame, Instance, instances_of
from app.demo.identity import uid
from app.demo.records import ABSENT, Patient, Protocol, Scanner, Series, Study

PAUSE_MINUTES = 0.5
"""Between one series and the next."""


@dataclass(frozen=True)
class Acquisition:
    """A series with everything that its files are made from."""

    seed: int
    copy: int
    """0 for the cohort of the tables; higher at a scale above 1."""
    patient_id: str
    patient: Patient
    study: Study
    series: Series
    number: int
    """SeriesNumber (0020,0011)."""
    scanner: Scanner
    protocol: Protocol
    study_start: datetime
    start: datetime
    """First acquisition of the series."""

    def uid(self, *names: object) -> str:
        """UID of something that belongs to this series."""
        return uid(self.seed, self.copy, self.study.key, self.series.key, *names)

    def uid_in_study(self, *names: object) -> str:
        """UID of something that other series of the study refer to as well."""
        return uid(self.seed, self.copy, self.study.key, *names)

    @property
    def study_uid(self) -> str:
        return self.uid_in_study("study")

    @property
    def series_uid(self) -> str:
        return self.uid("series")

    def instance_uid(self, number: int) -> str:
        return self.uid("instance", number)

    @property
    def slices(self) -> int:
        return self.series.slices or self.protocol.slices

    @cached_property
    def instances(self) -> tuple[Instance, ...]:
        return instances_of(self.protocol, self.slices)

    def value(self, name: str, frame: Frame | None = None) -> Any:
        """What the files say under the keyword `name`, before patient and study are looked at."""
        step = frame.step.attributes if frame else {}
        layers = (self.series.changes, step, self.study.changes, self.protocol.attributes)
        for layer in (*layers, self.scanner.attributes):
            if name in layer:
                return None if layer[name] is ABSENT else layer[name]
        return None

    @property
    def description(self) -> str:
        """SeriesDescription (0008,103E) as the scanner's own elements know it."""
        return self.value("SeriesDescription") or self.protocol.description

    def clock(self, seconds: float) -> datetime:
        """The time `seconds` after the first acquisition."""
        return self.start + timedelta(seconds=round(seconds, 3))


def dicom_date(moment: datetime) -> str:
    """DA of PS3.5 section 6.2: YYYYMMDD."""
    return f"{moment:%Y%m%d}"


def dicom_time(moment: datetime) -> str:
    """TM of PS3.5 section 6.2: HHMMSS.FFFFFF."""
    return f"{moment:%H%M%S.%f}"


def dicom_datetime(moment: datetime) -> str:
    """DT of PS3.5 section 6.2: YYYYMMDDHHMMSS.FFFFFF."""
    return f"{moment:%Y%m%d%H%M%S.%f}"


def utc_offset(it: Acquisition) -> timedelta:
    """What TimezoneOffsetFromUTC (0008,0201), `+HHMM` or `-HHMM`, adds to UTC; none is none."""
    text = it.value("TimezoneOffsetFromUTC") or "+0000"
    minutes = 60 * int(text[1:3]) + int(text[3:])
    return timedelta(minutes=-minutes if text[0] == "-" else minutes)


def moment_of(date: str, time: str) -> datetime:
    """The moment of a study's YYYYMMDD and HHMMSS."""
    return datetime.strptime(date + time, "%Y%m%d%H%M%S")
