"""The machines of the cohort: makers and models by their real names, everything else invented."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.demo.records import Scanner


def _machine(
    maker: str,
    model: str,
    station: str,
    software: str | tuple[str, ...],
    *,
    private: str = "",
    tesla: float | None = None,
    undefined_lengths: bool = False,
    implementation: str = "",
) -> Scanner:
    attributes: dict[str | int, object] = {
        "Manufacturer": maker,
        "ManufacturerModelName": model,
        "StationName": station,
        "SoftwareVersions": software,
        "DeviceSerialNumber": f"D{sum(map(ord, station)) * 37 % 100000:05d}",
    }
    if tesla is not None:
        attributes["MagneticFieldStrength"] = tesla
        attributes["ImagedNucleus"] = "1H"
        attributes["ImagingFrequency"] = round(42.577 * tesla, 4)
    return Scanner(attributes, private, undefined_lengths, implementation)


_GE = "GE MEDICAL SYSTEMS"
_PHILIPS = "Philips Medical Systems"

SCANNERS: Final[Mapping[str, Scanner]] = {
    # MR
    "prisma": _machine(
        "SIEMENS", "Prisma_fit", "DEMOMR1", "syngo MR E11", private="siemens_mr", tesla=3.0
    ),
    "aera": _machine("SIEMENS", "Aera", "DEMOMR2", "syngo MR D13", private="siemens_mr", tesla=1.5),
    "skyra": _machine(
        "SIEMENS", "Skyra", "DEMOMRS", "syngo MR E11", private="siemens_mr", tesla=3.0
    ),
    "terra": _machine(
        "SIEMENS",
        "Investigational_Device_7T",
        "DEMOMR9",
        "syngo MR B17",
        private="siemens_mr",
        tesla=7.0,
    ),
    "vida": _machine(
        "Siemens Healthineers",
        "MAGNETOM Vida",
        "DEMOMR3",
        "syngo MR XA30",
        private="siemens_xa",
        tesla=3.0,
        undefined_lengths=True,
    ),
    "pioneer": _machine(
        _GE,
        "SIGNA Pioneer",
        "DEMOMR4",
        ("28", "LX", "MR28.0_R02"),
        private="ge_mr",
        tesla=3.0,
        undefined_lengths=True,
    ),
    "optima": _machine(
        _GE,
        "Optima MR450w",
        "DEMOMR5",
        ("25", "LX", "MR25.0_R01"),
        private="ge_mr",
        tesla=1.5,
        undefined_lengths=True,
    ),
    "ingenia": _machine(
        "Philips",
        "Ingenia Elition X",
        "DEMOMR6",
        ("5.7.1", "5.7.1.2"),
        private="philips_mr",
        tesla=3.0,
        undefined_lengths=True,
    ),
    "achieva": _machine(
        _PHILIPS,
        "Achieva",
        "DEMOMR7",
        ("3.2.3", "3.2.3.1"),
        private="philips_mr",
        tesla=1.5,
        undefined_lengths=True,
    ),
    "ingenia_enhanced": _machine(
        "Philips",
        "Ingenia Elition X",
        "DEMOMR6",
        ("5.7.1", "5.7.1.2"),
        private="philips_enhanced",
        tesla=3.0,
        undefined_lengths=True,
    ),
    "umr": _machine("UIH", "uMR 770", "DEMOMR8", "R002", private="uih_mr", tesla=3.0),
    "galan": _machine(
        "CANON_MEC", "Galan 3T", "DEMOMRC", "V6.0SP2000*", private="canon_mr", tesla=3.0
    ),
    "lowfield": _machine("Hitachi Medical Corporation", "APERTO", "DEMOMRL", "V4.1", tesla=0.4),
    # CT
    "force": _machine(
        "SIEMENS", "SOMATOM Force", "DEMOCT1", "syngo CT VB20A", private="siemens_ct"
    ),
    "revolution": _machine(
        _GE, "Revolution CT", "DEMOCT2", "revo_ct_21a.52", private="ge_ct", undefined_lengths=True
    ),
    "brilliance": _machine("Philips", "Brilliance 64", "DEMOCT3", "4.1.6", private="philips_ct"),
    "aquilion": _machine("TOSHIBA", "Aquilion ONE", "DEMOCT4", "V7.0", private="canon_ct"),
    "uct": _machine("UIH", "uCT 760", "DEMOCT5", "uCT_R004"),
    # PET/CT, NM
    "biograph": _machine("SIEMENS", "Biograph mCT", "DEMOPT1", "VG62A", private="siemens_pt"),
    "discovery": _machine(
        _GE, "Discovery MI", "DEMOPT2", "pet_dmi.20", private="ge_pt", undefined_lengths=True
    ),
    "gemini": _machine(_PHILIPS, "GEMINI TF TOF 64", "DEMOPT3", "3.6.2", private="philips_pt"),
    "vision": _machine(
        "SIEMENS", "Biograph128_Vision 600", "DEMOPT5", "VR30A", private="siemens_pt"
    ),
    "umi": _machine("UIH", "uMI 780", "DEMOPT4", "R001"),
    "symbia": _machine("SIEMENS NM", "Symbia Intevo", "DEMONM1", "VB20A"),
    "infinia": _machine("GE MEDICAL SYSTEMS, NUCLEAR", "Infinia", "DEMONM2", "2.505"),
    # projection, ultrasound, workstations
    "ysio": _machine("SIEMENS", "Fluorospot Compact FD", "DEMODX1", "VE10"),
    "fuji": _machine("FUJIFILM Corporation", "DR-ID 1200", "DEMODX2", "A31"),
    "agfa": _machine("Agfa-Gevaert", "CR 85-X", "DEMOCR1", "NIM2303"),
    "hologic": _machine("HOLOGIC, Inc.", "Selenia Dimensions", "DEMOMG1", "AWS:1.8"),
    "senographe": _machine(_GE, "Senographe Pristina", "DEMOMG2", "ADS_58.10"),
    "epiq": _machine(_PHILIPS, "EPIQ 7G", "DEMOUS1", "EPIQ 7G_2.0.1"),
    "logiq": _machine("GE Healthcare", "LOGIQ E10", "DEMOUS2", "R2.5.0"),
    "workstation": _machine("Taglake Demo", "Demo Workstation", "DEMOWS1", "1.0"),
    "qiicr": _machine("QIICR", "dcmqi demo", "DEMOWS2", "1.2.4"),
    "highdicom": _machine(
        "Taglake Demo", "Demo Segmenter", "DEMOWS3", "0.1", implementation="highdicom0.23.0"
    ),
    "contouring": _machine("Varian Medical Systems", "ARIA RadOnc", "DEMORT1", "16.1"),
}
