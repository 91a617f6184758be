/** Signals made ready: filters, spectra, resampling, leads, windows, features, and nights in epochs. */

export { EEG_BAND_EDGES, logBandPowers } from "./band-features";
export { type ChannelCheck, checkChannel, type RecordedRange } from "./channel-check";
export { type DecimateOptions, decimate, decimateChannels } from "./decimate";
export { ecgFeatures, type Features } from "./ecg-features";
export { ELECTRODE_SYNONYMS, type ElectrodeChannel, electrodeChannel, electrodeKey } from "./electrodes";
export { type EpochKey, epochSequences } from "./epoch-sequences";
export { type Complex, fft, inverseFft, inverseRfft, rfft } from "./fft";
export {
  type FilterState,
  filterSections,
  filterSectionsChannels,
  filterZeroPhase,
  filterZeroPhaseChannels,
  steadyState,
} from "./filter";
export type { ChannelOutput, ChannelSamples } from "./filter-channels";
export {
  type ButterworthDesign,
  butterworth,
  butterworthRoots,
  butterworthTransfer,
  type ChebyshevDesign,
  chebyshev,
  notch,
  peak,
  type Section,
  type Sections,
  type TransferFunction,
  toTransferFunction,
} from "./filter-design";
export { lowPassFir } from "./filter-fir";
export { frequencyResponse, responseFrequencies } from "./filter-response";
export type { Root, ZerosPolesGain } from "./filter-roots";
export {
  filterTransfer,
  filterTransferChannels,
  filterTransferZeroPhase,
  steadyTransferState,
} from "./filter-transfer";
export { areaPixels, HMS_AREAS, type ImageArea } from "./hms-areas";
export {
  composeHmsImage,
  HMS_SPECTROGRAM_SIDE,
  type HmsImageParts,
  type HmsWindow,
  type HmsWindowParts,
  hmsImage,
  hmsWindowParts,
} from "./hms-image";
export { hmsColumnsByFrequency, normaliseHmsSpectrogram } from "./hms-spectrogram";
export {
  filterHmsTraces,
  HMS_FILTERS,
  HMS_RASTER,
  HMS_TRACES,
  HMS_WINDOW,
  type HmsTrace,
  hmsDifferences,
  hmsRaster,
  hmsTraces,
  scaleHmsTraces,
} from "./hms-traces";
export { blankImage, checkImage, encodePng, type Image, type Pixels, toBytes } from "./image";
export { deriveLimbLeads, ECG_LEADS_8, ECG_LEADS_12, inUnit, leadName, selectLeads, toTimeChannels } from "./leads";
export { type MelSpectrogram, type MelSpectrogramOptions, melSpectrogram } from "./mel";
export { hertzToMel, type MelBank, type MelBankOptions, melBank, melToHertz } from "./mel-bank";
export { type DecibelOptions, decibelsToPower, powerToDecibels, toDecibels } from "./mel-decibels";
export {
  cutHmsMel,
  HMS_MEL,
  HMS_MEL_FRAMES,
  type HmsMelSpectrogram,
  hmsMelSpectrogram,
} from "./mel-hms";
export { applyMontage, type Derivation, type Montage, type MontageOptions } from "./montage";
export {
  AASM_BACKUP_MONTAGE,
  AASM_CHIN_MONTAGE,
  AASM_SLEEP_MONTAGE,
  averageReference,
  bipolarMontage,
  type Chains,
  derivation,
  ELECTRODES_10_20,
  HMS_CHAINS,
  LONGITUDINAL_CHAINS,
  linkedMastoids,
  MAIC_SLEEP_MONTAGE,
  TRANSVERSE_CHAINS,
} from "./montages";
export { type MultitaperOptions, multitaper, taperedPower } from "./multitaper";
export {
  type ChannelScale,
  clip,
  IMAGENET_SCALE,
  type Moments,
  minMax,
  moments,
  normalisePixels,
  pixelScaler,
  zScore,
  zScoreRecording,
} from "./normalise";
export { type PageMontage, type PageTrace, pageMontage } from "./page-montage";
export { type PsgChannels, type PsgChoice, type PsgChoices, psgChannels } from "./psg-channels";
export { type PsgExam, type PsgExamOptions, writePsgExam, writePsgList } from "./psg-exam";
export { drawPsgEpoch, psgPainter } from "./psg-image";
export { MAIC_LAYOUT, type PsgBand, type PsgLayout, type PsgRow, type PsgScale, psgBands } from "./psg-layout";
export {
  cropRows,
  epochStrip,
  STRIP_EPOCHS,
  STRIP_ROWS,
  STRIP_SLICES,
  type StripOptions,
  stripSlots,
} from "./psg-strip";
export {
  displaySignal,
  type PsgTrace,
  type PsgTraceOptions,
  type PsgTraces,
  psgTraces,
  signalDifference,
} from "./psg-traces";
export { quantiles } from "./quantiles";
export { rPeaks } from "./r-peaks";
export {
  bandWindows,
  type Canvas,
  drawTrace,
  drawTraces,
  type RasterWindow,
  rasterTraces,
  type TraceRasterOptions,
} from "./raster";
export {
  antiAliasFilter,
  type Edges,
  type PolyphaseOptions,
  resampleChannels,
  resampleFourier,
  resamplePolyphase,
  resampleSignal,
} from "./resample";
export { type ResizeMethod, type ResizeOptions, resize } from "./resize";
export {
  DROP_REASONS,
  type DropReason,
  hypnogramOffset,
  type SelectedEpochs,
  type SleepEpoch,
  selectSleepEpochs,
  sleepEpochs,
  trimWake,
} from "./sleep-epochs";
export {
  isAsleep,
  type SleepStageName,
  type SleepStatistics,
  sleepStatistics,
  stageTransitions,
} from "./sleep-statistics";
export {
  bandPower,
  type PowerSpectrum,
  periodogram,
  type Spectrogram,
  type SpectrumOptions,
  spectrogram,
  welch,
} from "./spectra";
export type { Detrend, SegmentOptions } from "./spectra-frames";
export { type InverseStftOptions, inverseStft, magnitudes, type Stft, type StftOptions, stft } from "./stft";
export { besselI0, type Taper, type TaperName, taper } from "./tapers";
export { type Dpss, type DpssOptions, dpss } from "./tapers-dpss";
export { type AnnotatedWindow, annotatedWindows, cutWindow, hasGap, windowStarts } from "./windows";
