/** Signals made ready: filters, spectra, resampling, leads, windows, features, and nights in epochs. */
export { ecgFeatures, type Features } from "./ecg-features";
export { type Complex, fft, inverseFft, rfft } from "./fft";
export { type FilterState, filterSections, filterZeroPhase, steadyState } from "./filter";
export { type ButterworthDesign, butterworth, notch, peak, type Section, type Sections } from "./filter-design";
export { deriveLimbLeads, ECG_LEADS_8, ECG_LEADS_12, inUnit, leadName, selectLeads, toTimeChannels } from "./leads";
export { type Moments, moments, quantiles, zScore, zScoreRecording } from "./normalise";
export { rPeaks } from "./r-peaks";
export { antiAliasFilter, type Edges, resampleFourier, resamplePolyphase, resampleSignal } from "./resample";
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
