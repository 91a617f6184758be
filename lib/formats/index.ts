/** Bytes to typed arrays and back: what the rest of the project imports from here. */
export {
  BEETL_CHANNELS,
  BEETL_SAMPLE_RATE,
  BEETL_STAGES,
  BEETL_WINDOW,
  type BeetlFiles,
  type BeetlNight,
  listBeetl,
  readBeetlHeader,
  readBeetlNight,
} from "./beetl";
export { BEETL_ANSWER, readBeetlSubmission, writeBeetlSubmission } from "./beetl-submission";
export { type CsvRow, type CsvTable, integerCell, numberCell, parseCsv, readCsv } from "./csv";
export { EdfFile, type EdfOptions, type EdfSpan, type EdfStored, type EdfWindow, readEdf } from "./edf";
export type { EdfChannel } from "./edf-channels";
export type { EdfLoss } from "./edf-damage";
export type { EdfHeader, EdfSignalHeader } from "./edf-header";
export type { EdfSegment } from "./edf-timeline";
export { type EdfToWrite, type EdfWriteOptions, storedSignal, writeEdf } from "./edf-write";
export type { EdfStretch } from "./edf-write-layout";
export type { EdfSignalToWrite } from "./edf-write-scale";
export {
  HEFEI_LEADS,
  HEFEI_MICROVOLTS_PER_UNIT,
  HEFEI_ROWS,
  HEFEI_SAMPLE_RATE,
  type HefeiStored,
  listHefeiRecords,
  readHefeiRecord,
  readHefeiStored,
} from "./hefei";
export { HEFEI_ROUND2_LABELS, hefeiGloss } from "./hefei-labels";
export {
  type HefeiEntry,
  readHefeiLabels,
  readHefeiList,
  readHefeiSubmission,
  writeHefeiSubmission,
} from "./hefei-lists";
export { writeHefeiRecord } from "./hefei-write";
export {
  HMS_CLASSES,
  HMS_ELECTRODES,
  HMS_FREQUENCIES,
  HMS_SAMPLE_RATE,
  HMS_SPECTROGRAM_COLUMNS,
  HMS_SPECTROGRAM_ROWS,
  type HmsClass,
  type HmsRow,
  type HmsSpectrogram,
  readHmsEeg,
  readHmsSpectrogram,
  readHmsTable,
} from "./hms";
export { type HmsPrediction, readHmsSubmission, writeHmsSubmission } from "./hms-submission";
export { hypnogramFromAnnotations, readDreemHypnogram, readEdfHypnogram } from "./hypnogram";
export {
  FIVE_CLASSES,
  fiveClasses,
  hypnogramPart,
  RK_SLEEP_STAGES,
  RK_TO_AASM,
  type ScoredStage,
  SIX_CLASSES,
  SLEEP_STAGES,
  STAGE_CODINGS,
  type StageCoding,
  sixClasses,
} from "./hypnogram-stages";
export { type CsvColumn, type CsvHypnogramOptions, readCsvHypnogram, readTextHypnogram } from "./hypnogram-text";
export { hypnogramAnnotations, writeHypnogramCsv, writeHypnogramEdf } from "./hypnogram-write";
export {
  listMaicExam,
  MAIC_HEIGHT,
  MAIC_STAGES,
  MAIC_WIDTH,
  type MaicEntry,
  type MaicImage,
  type MaicStage,
  type MaicSubmissionOptions,
  maicExams,
  readMaicImage,
  readMaicList,
  readMaicSubmission,
  writeMaicSubmission,
} from "./maic";
export { type Matlab4Matrix, readMatlab4 } from "./matlab4";
export type { NdArray, NdType } from "./ndarray";
export { decodeNpy, encodeNpy, readNpy, writeNpy } from "./npy";
export { readNpz } from "./npz";
export { type ParquetColumn, ParquetFile, type ParquetOptions, type ParquetRange, readParquet } from "./parquet";
export type { ParquetColumnInfo, ParquetKind, ParquetMetadata } from "./parquet-metadata";
export { type ParquetColumnToWrite, writeParquet } from "./parquet-write";
export { arrayIn, decodePickle, type PickleValue, readPickle } from "./pickle";
export type { ObjectArray } from "./pickle-numpy";
export { encodePickledArray, writePickledArray } from "./pickle-write";
export { decodePng, type PngImage } from "./png-decode";
export {
  PTBXL_SUPERCLASSES,
  type Ptbxl,
  type PtbxlRecord,
  type PtbxlSuperclass,
  readPtbxl,
  readPtbxlRecording,
} from "./ptbxl";
export {
  decodeSafetensors,
  encodeSafetensors,
  readSafetensors,
  type SafeTensor,
  type SafetensorsFile,
  type SafetensorsType,
  tensorFloats,
  writeSafetensors,
} from "./safetensors";
export type { Annotation, Hypnogram, Recording, RkStage, Signal, SleepStage } from "./types";
export { readWfdbRecord } from "./wfdb";
export { isBeat, readWfdbAnnotations, type WfdbAnnotation } from "./wfdb-annotations";
export { type WfdbAnnotationToWrite, writeWfdbAnnotations } from "./wfdb-annotations-write";
export { type StoredSamples, WFDB_FORMATS, type WfdbFormat } from "./wfdb-formats";
export { readWfdbHeader, type WfdbHeader, type WfdbSegment, type WfdbSignalSpec } from "./wfdb-header";
export { type PatientComments, patientFromComments } from "./wfdb-patient";
export { readWfdbStored, type WfdbStored } from "./wfdb-stored";
export { type WfdbRecordToWrite, type WfdbSignalToWrite, writeWfdbRecord, writeWfdbStored } from "./wfdb-write";
export { type ZipEntry, zipEntries } from "./zip";
export { type ZipContent, zipArchive } from "./zip-write";
