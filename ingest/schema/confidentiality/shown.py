"""Rows of table E.1-1 that stand in the open, because the lake is of little use without them.

They say what was examined and how, what a subject of research is like, or hold other elements
together. A de-identified export treats them as the table says.
"""

from __future__ import annotations

from ingest.schema.confidentiality.codes import Code

DESCRIPTIONS: dict[int, Code] = {
    0x00081030: "X",  # StudyDescription
    0x0008103E: "X",  # SeriesDescription
    0x00081088: "X",  # PyramidDescription
    0x00082111: "X",  # DerivationDescription
    0x00180010: "Z/D",  # ContrastBolusAgent
    0x00181030: "X/D",  # ProtocolName
    0x001811BB: "D",  # AcquisitionFieldOfViewLabel
    0x00181400: "X/D",  # AcquisitionDeviceProcessingDescription
    0x00189185: "X",  # RespiratoryMotionCompensationTechniqueDescription
    0x0018937B: "X",  # MultienergyAcquisitionDescription
    0x0018937F: "X",  # DecompositionDescription
    0x00189424: "X",  # AcquisitionProtocolDescription
    0x00189937: "X",  # RequestedSeriesDescription
    0x00200027: "X",  # PyramidLabel
    0x00321060: "X/Z",  # RequestedProcedureDescription
    0x00321070: "X",  # RequestedContrastAgent
    0x003A0020: "X",  # MultiplexGroupLabel
    0x003A0203: "X",  # ChannelLabel
    0x003A020C: "X",  # ChannelDerivationDescription
    0x003A0329: "X",  # WaveformFilterDescription
    0x003A032B: "X",  # FilterLookupTableDescription
    0x00400007: "X",  # ScheduledProcedureStepDescription
    0x00400254: "X",  # PerformedProcedureStepDescription
    0x0040B03B: "X",  # MontageName
    0x0040B03F: "X",  # MontageChannelLabel
    0x006A0005: "D",  # AnnotationGroupLabel
    0x006A0006: "X",  # AnnotationGroupDescription
    0x30020121: "X",  # PositionAcquisitionTemplateName
    0x30020123: "X",  # PositionAcquisitionTemplateDescription
    0x30060002: "D",  # StructureSetLabel
    0x30060026: "Z",  # ROIName
    0x30060085: "X",  # ROIObservationLabel
    0x300A0002: "D",  # RTPlanLabel
    0x300A000B: "X",  # TreatmentSites
    0x30100077: "X/D",  # TreatmentSite
}  # fmt: skip
"""What was examined, acquired, derived, drawn or planned, as equipment and departments call it."""

CHARACTERISTICS: dict[int, Code] = {
    0x00100040: "Z",  # PatientSex
    0x00101010: "X",  # PatientAge
    0x00101020: "X",  # PatientSize
    0x00101030: "X",  # PatientWeight
    0x001021A0: "X",  # SmokingStatus
    0x001021C0: "X",  # PregnancyStatus
    0x00102203: "X/Z",  # PatientSexNeutered
}  # fmt: skip
"""What the Retain Patient Characteristics Option keeps, of which studies of doses and uptake live."""

CONTAINERS: dict[int, Code] = {
    0x00081110: "X/Z",  # ReferencedStudySequence
    0x00081111: "X/Z/D",  # ReferencedPerformedProcedureStepSequence
    0x00081120: "X",  # ReferencedPatientSequence
    0x00081140: "X/Z/U*",  # ReferencedImageSequence
    0x00082112: "X/Z/U*",  # SourceImageSequence
    0x00400275: "X",  # RequestAttributesSequence
    0x00400555: "X/Z",  # AcquisitionContextSequence
    0x00400610: "Z",  # SpecimenPreparationSequence
    0x0040A730: "D",  # ContentSequence
    0x0040B020: "X/D",  # WaveformAnnotationSequence
    0x00420011: "D",  # EncapsulatedDocument
    0x00700001: "D",  # GraphicAnnotationSequence
    0x00880200: "X",  # IconImageSequence
    0xFFFCFFFC: "X",  # DataSetTrailingPadding
}  # fmt: skip
"""Sequences whose elements are judged one by one, and payloads of which no byte is kept."""
