"""The DICOM modules that every object of the cohort has: patient, study, series, equipment, clock.

What stands here is overruled by `Series.changes` and nothing else, so that an oddity of the tables
reaches the file as it is written there.
"""

from __future__ import annotations

from typing import Any, Final

from pydicom import uid as pydicom_uid

from app.demo.acquisition import Acquisition, dicom_date, dicom_time
from app.demo.elements import Elements, elements_of
from app.demo.frames import Instance
from app.demo.functional_groups import without_groups
from app.demo.records import Attributes, Patient

REFERRING_PHYSICIAN: Final = "Demo^Referrer"
OPERATOR: Final = "Demo^Operator"
INSTITUTION: Final = "Taglake Demo Hospital"


def common_constant(it: Acquisition) -> Elements:
    """Patient, General Study, General Series and General Equipment modules (PS3.3 C.7)."""
    return elements_of(
        _series_module(it),
        _patient_module(it),
        _study_module(it),
        it.scanner.attributes,
        _root_attributes(it),
        it.study.changes,
    )


def common_varying(it: Acquisition, instance: Instance) -> Elements:
    """SOP Common and the times and numbers of one instance."""
    taken = it.clock(instance.first.seconds if instance.frames else 0.0)
    return elements_of(
        {
            "InstanceCreationDate": dicom_date(taken),
            "InstanceCreationTime": dicom_time(taken),
            "SOPInstanceUID": it.instance_uid(instance.number),
            "ContentDate": dicom_date(taken),
            "ContentTime": dicom_time(taken),
            "InstanceNumber": instance.number,
        }
    )


def sop_class_uid(it: Acquisition) -> str:
    """UID of the protocol's SOP class."""
    return str(getattr(pydicom_uid, it.protocol.sop_class))


def age_text(patient: Patient, date: str) -> str:
    """PatientAge (0010,1010): years, months below two years of age."""
    born, today = patient.birth_date, date
    months = (int(today[:4]) - int(born[:4])) * 12 + int(today[4:6]) - int(born[4:6])
    months -= today[6:] < born[6:]
    return f"{months:03d}M" if months < 24 else f"{months // 12:03d}Y"


def _patient_module(it: Acquisition) -> Attributes:
    patient = it.patient
    module: dict[str | int, Any] = {
        "PatientName": patient.name,
        "PatientID": it.patient_id,
        "PatientBirthDate": patient.birth_date,
        "PatientSex": patient.sex,
        "PatientAge": age_text(patient, dicom_date(it.study_start)) if patient.birth_date else "",
    }
    if patient.size is not None:
        module["PatientSize"] = patient.size
    if patient.weight is not None:
        module["PatientWeight"] = patient.weight
    return module


def _study_module(it: Acquisition) -> Attributes:
    return {
        "StudyInstanceUID": it.study_uid,
        "StudyDate": dicom_date(it.study_start),
        "StudyTime": f"{it.study_start:%H%M%S}",
        "StudyID": f"{study_number(it) % 9000 + 1000}",
        "AccessionNumber": f"DEMO{study_number(it):08d}",
        "StudyDescription": it.study.description,
        "ReferringPhysicianName": REFERRING_PHYSICIAN,
    }


def _series_module(it: Acquisition) -> Attributes:
    return {
        "SpecificCharacterSet": it.patient.character_set,
        "SOPClassUID": sop_class_uid(it),
        "Modality": it.protocol.modality,
        "SeriesInstanceUID": it.series_uid,
        "SeriesNumber": it.number,
        "SeriesDescription": it.protocol.description,
        "ProtocolName": it.protocol.description,
        "SeriesDate": dicom_date(it.start),
        "SeriesTime": dicom_time(it.start),
        "InstitutionName": INSTITUTION,
        "OperatorsName": OPERATOR,
        "PerformedProcedureStepStartDate": dicom_date(it.study_start),
        "PerformedProcedureStepStartTime": dicom_time(it.study_start),
        "PerformedProcedureStepDescription": it.study.description,
    }


def _root_attributes(it: Acquisition) -> Attributes:
    enhanced = it.protocol.content == "enhanced"
    return without_groups(it.protocol.attributes) if enhanced else it.protocol.attributes


def study_number(it: Acquisition) -> int:
    """A number of eight digits that belongs to the study."""
    return int(it.study_uid[-8:])
