"""Siemens CT and PET: a block of the CT, decay correction and the dose report of the PET."""

from __future__ import annotations

from xml.sax.saxutils import escape

from app.demo.acquisition import Acquisition, dicom_date, dicom_datetime
from app.demo.elements import Element, Elements, private_block


def ct_constant(it: Acquisition) -> Elements:
    """The CT block: table feed per rotation and the like."""
    offsets = {
        0x90: Element("DS", 0),
        0x92: Element("DS", 0.9236),
        0x93: Element("DS", -1.6565),
        0x96: Element("IS", 0),
        0xB0: Element("DS", 38.4 * (it.value("SpiralPitchFactor") or 1.0)),
    }
    return private_block("SIEMENS CT VA0  COAD", 0x0019, 0x10, offsets)


def pt_constant(it: Acquisition) -> Elements:
    """Decay correction time, and the PET dose report as XML in the CSA image header's element."""
    if not it.series.injections:
        return {}
    csa = {
        0x08: Element("CS", "PET NUM 4"),
        0x09: Element("LO", dicom_date(it.study_start)),
        0x10: Element("OB", pet_dose_report(it).encode()),
    }
    decay = {0x22: Element("DT", dicom_datetime(it.start))}
    return private_block("SIEMENS CSA HEADER", 0x0029, 0x10, csa) | private_block(
        "SIEMENS MED PT", 0x0071, 0x10, decay
    )


def pet_dose_report(it: Acquisition) -> str:
    """Names and values in parallel lists, as the PET workstations write their statistics."""
    injection = it.series.injections[0]
    rows = {
        "Radiopharmaceutical": injection.agent,
        "Radionuclide Total Dose": f"{injection.activity / 1e6:.1f} MBq",
        "Inj. Start Time": f"{it.clock(-60 * injection.minutes):%H:%M:%S}",
        "Inj. Start Date": f"{it.clock(-60 * injection.minutes):%Y-%m-%d}",
        "Patient Weight": f"{it.patient.weight or 0:.1f} kg",
    }
    names = "".join(f"<m_StatisticsNameVector>{n}</m_StatisticsNameVector>" for n in rows)
    values = "".join(
        f"<m_StatisticsValueVector1>{escape(v)}</m_StatisticsValueVector1>" for v in rows.values()
    )
    return f'<?xml version="1.0"?><PetDoseReportData>{names}{values}</PetDoseReportData>'
