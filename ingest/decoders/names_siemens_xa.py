"""Names of the private elements of Siemens XA scanners, in the spelling of the CSA header.

What older scanners write into CSA tags, XA scanners write into elements of two creators; with the
same names a parameter is found on both. Source: the element dictionary of dcm4che (SIEMENS MR SDI
02 and SDS 01), and for (0021,xx55) its values, which are those of the CSA tag. Spelling: the tag
names in real CSA headers. The VRs agree with every real XA file.
"""

from __future__ import annotations

IMAGE = """
01 US NumberOfImagesInMosaic            02 FD SliceNormalVector
03 DS SliceMeasurementDuration          04 DS TimeAfterStart
05 IS B_value                           06 LO ICE_Dims
1A SH RFSWDDataType                     1B US MoCoQMeasure
1C IS PhaseEncodingDirectionPositive    1D OB PixelFile
1F IS FMRIStimulInfo                    20 DS VoxelInPlaneRot
21 CS DiffusionDirectionality           22 DS VoxelThickness
23 FD B_matrix                          24 IS MultistepIndex
25 LT Comp_AdjustedParam                26 IS Comp_Algorithm
27 DS VoxelNormalCor                    29 SH FlowEncodingDirectionString
2A DS VoxelNormalSag                    2B DS VoxelPositionSag
2C DS VoxelNormalTra                    2D DS VoxelPositionTra
2E UL UsedChannelMask                   2F DS RepetitionTimeEffective
30 DS CsiImageOrientationPatient        32 DS CsiSliceLocation
33 IS EchoColumnPosition                34 FD FlowVenc
35 IS MeasuredFourierLines              36 SH LQAlgorithm
37 DS VoxelPositionCor                  38 IS Filter2
39 FD FMRIStimulLevel                   3A DS VoxelReadoutFOV
3B IS NormalizeManipulated              3C FD RBMoCoRot
3D IS Comp_ManualAdjusted               3F SH SpectrumTextRegionLabel
40 DS VoxelPhaseFOV                     41 SH GSWDDataType
42 IS RealDwellTime                     43 LT Comp_JobID
44 IS Comp_Blended                      45 SL ImaAbsTablePosition
46 FD DiffusionGradientDirection        47 IS FlowEncodingDirection
48 IS EchoPartitionPosition             49 IS EchoLinePosition
4B LT Comp_AutoParam                    4C IS OriginalImageNumber
4D IS OriginalSeriesNumber              4E IS Actual3DImaPartNumber
4F LO ImaCoilString                     50 DS CsiPixelSpacing
51 UL SequenceMask                      52 US ImageGroup
53 FD BandwidthPerPixelPhaseEncode      54 US NonPlanarImage
55 OB PixelFileName                     56 LO ImaPATModeText
57 DS CsiImagePositionPatient           58 SH AcquisitionMatrixText
59 IS ImaRelTablePosition               5A FD RBMoCoTrans
5B FD SlicePosition_PCS                 5C DS CsiSliceThickness
5E IS ProtocolSliceNumber               5F IS Filter1
60 SH TransmittingCoil                  61 DS NumberOfAverages
62 FD MosaicRefAcqTimes                 63 IS AutoInlineImageFilterEnabled
65 FD QCData                            66 LT ExamLandmarks
67 ST ExamDataRole                      68 OB MRDiffusion
69 OB RealWorldValueMapping             70 OB DataSetInfo
71 UT UsedChannelString                 72 CS PhaseContrastN4
73 UT MRVelocityEncoding                74 FD VelocityEncodingDirectionN4
75 CS ImageType4MF                      76 LO ImageHistory
77 LO SequenceInfo                      78 CS ImageTypeVisible
79 CS DistortionCorrectionType          80 CS ImageFilterType
FE SQ SiemensMRSDISequence
"""

SERIES = """
01 IS UsedPatientWeight                 02 DS SarWholeBody
03 OB MrProtocol                        04 DS SliceArrayConcatenations
05 IS RelTablePosition                  06 LO CoilForGradient
07 LO LongModelName                     08 SH GradientMode
09 LO PATModeText                       0A DS SW_korr_faktor
0B DS RfPowerErrorIndicator             0C SH PositivePCSDirections
0D US ProtocolChangeHistory             0E LO DataFileName
0F DS Stim_lim                          10 IS MrProtocolVersion
11 DS PhaseGradientAmplitude            12 FD ReadoutOS
13 DS t_puls_max                        14 IS NumberOfPrescans
15 FL MeasurementIndex                  16 DS dBdt_thresh
17 DS SelectionGradientAmplitude        18 SH RFSWDMostCriticalAspect
19 OB MrPhoenixProtocol                 1A LO CoilString
1B DS SliceResolution                   1C DS Stim_max_online
1D IS Operation_mode_flag               1E FL AutoAlignMatrix
1F DS CoilTuningReflection              20 UI RepresentativeImage
22 SH SequenceFileOwner                 23 IS RfWatchdogMask
24 LO PostProcProtocol                  25 SL TablePositionOrigin
26 IS MiscSequenceParam                 27 US Isocentered
2A IS CoilId                            2B ST PatReinPattern
2C DS Sed                               2D DS SARMostCriticalAspect
2E IS Stim_mon_mode                     2F DS GradientDelayTime
30 DS ReadoutGradientAmplitude          31 IS AbsTablePosition
32 SS RFSWDOperationMode                33 SH CoilForGradient2
34 DS Stim_faktor                       35 DS Stim_max_ges_norm_online
36 DS dBdt_max
38 DS TransmitterCalibration            39 OB MrEvaProtocol
3B DS dBdt_limit                        3C OB VFModelInfo
3D CS PhaseSliceOversampling            3E OB VFSettings
3F UT AutoAlignData                     40 UT FmriModelParameters
41 UT FmriModelInfo                     42 UT FmriExternalParameters
43 UT FmriExternalInfo                  44 DS B1rms
45 CS B1rmsSupervision                  46 DS TalesReferencePower
47 CS SafetyStandard                    48 CS DICOMImageFlavor
49 CS DICOMAcquisitionContrast          50 US RFEchoTrainLength
51 US GradientEchoTrainLength           52 LO VersionInfo
53 CS Laterality4MF                     55 CS ArterialSpinLabelingContrast
FE SQ SiemensMRSDSSequence
"""
