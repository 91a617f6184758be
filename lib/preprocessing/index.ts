/** Signals made ready: filters, spectra, resampling, leads, windows, features, and nights in epochs. */
export { ecgFeatures, type Features } from "./ecg-features";
export { ELECTRODE_SYNONYMS, type ElectrodeChannel, electrodeChannel, electrodeKey } from "./electrodes";
export { type Complex, fft, inverseFft, rfft } from "./fft";
export { type FilterState, filterSections, filterZeroPhase, steadyState } from "./filter";
export { type ButterworthDesign, butterworth, notch, peak, type Section, type Sections } from "./filter-design";
export { blankImage, checkImage, encodePng, type Image, type Pixels, toBytes } from "./image";
export { deriveLimbLeads, ECG_LEADS_8, ECG_LEADS_12, inUnit, leadName, selectLeads, toTimeChannels } from "./leads";
export { type MelSpectrogram, type MelSpectrogramOptions, melSpectrogram } from "./mel";
export { hertzToMel, type MelBank, type MelBankOptions, melBank, melToHertz } from "./mel-bank";
export { type DecibelOptions, decibelsToPower, powerToDecibels } from "./mel-decibels";
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
export {
  type ChannelScale,
  clip,
  IMAGENET_SCALE,
  type Moments,
  minMax,
  moments,
  normalisePixels,
  zScore,
  zScoreRecording,
} from "./normalise";
export { type PsgChannels, type PsgChoice, type PsgChoices, psgChannels } from "./psg-channels";
export { drawPsgEpoch, psgPainter } from "./psg-image";
export { MAIC_LAYOUT, type PsgBand, type PsgLayout, type PsgRow, type PsgScale, psgBands } from "./psg-layout";
export { type PsgTrace, type PsgTraceOptions, type PsgTraces, psgTraces } from "./psg-traces";
export { quantiles } from "./quantiles";
export { rPeaks } from "./r-peaks";
export { bandWindows, drawTrace, type RasterWindow, rasterTraces, type TraceRasterOptions } from "./raster";
export { antiAliasFilter, type Edges, resampleFourier, resamplePolyphase, resampleSignal } from "./resample";
export { type ResizeMethod, type ResizeOptions, resize } from "./resize";
export { type SleepEpoch, sleepEpochs } from "./sleep-epochs";
export { type SleepStageName, type SleepStatistics, sleepStatistics, stageTransitions } from "./sleep-statistics";
export {
  bandPower,
  type PowerSpectrum,
  periodogram,
  type Spectrogram,
  type SpectrumOptions,
  spectrogram,
  welch,
} from "./spectra";
export { besselI0, type Taper, type TaperName, taper } from "./tapers";
export { cutWindow, windowStarts } from "./windows";
