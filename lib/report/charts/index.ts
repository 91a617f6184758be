/** Figures: pure functions from data to a Vega-Lite v5 specification, and `chart`, which shows one. */

export { calibrationError, type ReliabilityBin, reliabilityBins } from "../../training/calibration";
export { type BeforeAfterPanel, beforeAfterChart } from "./before-after";
export { type ColourMapName, colourStops, inColour } from "./colour-map";
export { type CountOptions, type LabelCount, labelCounts } from "./counts";
export { type EcgPaperOptions, ecgPaper } from "./ecg";
export { type EegPageOptions, eegPage } from "./eeg-page";
export { type FeatureMap, type FeatureMapsInput, featureMaps } from "./feature-maps";
export { type Estimate, type ForestOptions, forestPlot } from "./forest";
export { type Hypnodensity, hypnodensityChart, votes } from "./hypnodensity";
export { hypnogramChart, scorersChart } from "./hypnogram";
export { type ImageAreasOptions, imageAreas, type NamedArea } from "./image-areas";
export { type ImageAxis, type ImageChartOptions, type ImageLabel, imageChart } from "./image-chart";
export { type CaptionedImage, type ImageGridOptions, imageGrid } from "./images";
export { type LearningOptions, type LearningPoint, learningCurves } from "./learning";
export { type MatrixOptions, matrixChart } from "./matrix";
export { modelZoo, type ZooModel } from "./model-zoo";
export { type NightOptions, nightChart } from "./night";
export { type OverlayOptions, overlaid } from "./overlay";
export { type NamedBand, type PictureMapOptions, pictureMap } from "./picture-map";
export { type PsgPageOptions, psgPage } from "./psg";
export { reliabilityDiagram } from "./reliability";
export { type Chart, chart, chartSummary, renderSvg, vegaLiteMimeType } from "./render";
export { type RocCurve, type RocInput, rocChart, rocCurve } from "./roc";
export { eegBands, type FrequencyBand, type Spectrum, type SpectrumChartOptions, spectrumChart } from "./spectrum";
export { type ChartSpec, type ChartText, categoryColours, colours, stageColours, stageOrder } from "./theme";
