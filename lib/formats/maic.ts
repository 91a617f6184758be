/**
 * The files of the MAIC 2021 sleep challenge: an exam is a folder of PNG images, one an epoch of 30 s, named by the exam
 * and a running number, so that names sort by time; lists without a header name exam, image and, for training, the stage.
 */
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { SignalbookError } from "../core/errors";
import { writeFileChecked } from "../core/files";
import { csvRecords } from "./csv";
import { decodeGreyPng, type GreyImage } from "./png";
import { decodeUtf8, quoted, readBytes, readLines, unreadable } from "./text";

/** Stage names of lists and submissions, in the order of SLEEP_STAGES and of both systems' class numbers. */
export const MAIC_STAGES = ["Wake", "N1", "N2", "N3", "REM"] as const;
export type MaicStage = (typeof MAIC_STAGES)[number];
/** Pixels of an image. */
export const MAIC_WIDTH = 480;
export const MAIC_HEIGHT = 270;

/** One line of a list. */
export interface MaicEntry {
  /** Line of the file, from 1. */
  line: number;
  /** The exam's code: the folder's name. */
  exam: string;
  /** File name within the folder. */
  image: string;
  /** Null in a list to be labelled. */
  stage: MaicStage | null;
}

/** One epoch's image in an exam's folder. */
export interface MaicImage {
  exam: string;
  image: string;
  /** The running number in the name: it counts epochs, and need not begin at 1. */
  number: number;
  path: string;
}

/**
 * Reads trainset-for_user.csv (exam, image, stage) or testset-for_user.csv (exam, image).
 * @throws SignalbookError naming the line: other numbers of columns, an unknown stage, a name that is no file's, an image
 * listed twice, an empty list.
 */
export function readMaicList(path: string): MaicEntry[] {
  const expected = "a list: exam, image, stage, without a header";
  const records = csvRecords(decodeUtf8(readBytes(path, expected), path), path);
  const columns = records[0]?.cells.length;
  if (columns === undefined) throw new SignalbookError("an empty list", { file: path, expected });
  /** Lines by exam and image. */
  const seen = new Map<string, Map<string, number>>();
  return records.map(({ line, cells }) => {
    const problem = (what: string, found: string, wanted: string): SignalbookError =>
      new SignalbookError(what, { file: path, place: `line ${line}`, found, expected: wanted });
    if (cells.length !== columns || columns < 2 || columns > 3)
      throw problem("a line of another number of columns", `${cells.length}`, columns === 2 ? "2" : "3, or 2 to label");
    const [exam, image, word] = cells as [string, string, string?];
    if (!isName(exam)) throw problem("an exam that names no folder", quoted(exam), "the exam's code");
    if (!isName(image) || !/\.png$/i.test(image)) throw problem("no image's name", quoted(image), "a .png file");
    const stage = MAIC_STAGES.find((name) => name === word);
    if (word !== undefined && stage === undefined)
      throw problem("an unknown stage", quoted(word), MAIC_STAGES.join(", "));
    const images = seen.get(exam) ?? new Map<string, number>();
    if (images.size === 0) seen.set(exam, images);
    const before = images.get(image);
    if (before !== undefined) throw problem("an image listed twice", quoted(image), `only on line ${before}`);
    images.set(image, line);
    return { line, exam, image, stage: stage ?? null };
  });
}

/** A file's or folder's name that stays inside its folder. */
function isName(text: string): boolean {
  return text.trim() !== "" && !/[/\\\0]|^\.\.?$/.test(text);
}

/** A list's entries by exam, exams and entries in the list's order. */
export function maicExams(entries: readonly MaicEntry[]): Map<string, MaicEntry[]> {
  const exams = new Map<string, MaicEntry[]>();
  for (const entry of entries) {
    const exam = exams.get(entry.exam);
    if (exam === undefined) exams.set(entry.exam, [entry]);
    else exam.push(entry);
  }
  return exams;
}

/**
 * The images of an exam's folder, in the order of time: `<exam>_<number>.png`.
 * @throws SignalbookError when there is none, when an image is named otherwise, and when two have one number.
 */
export function listMaicExam(folder: string): MaicImage[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (cause) {
    throw unreadable(folder, "an exam's folder of PNG images", cause);
  }
  const exam = basename(folder);
  const images = names
    .filter((name) => /\.png$/i.test(name))
    .map((image): MaicImage => {
      const number = image.startsWith(`${exam}_`) ? /^(\d{1,9})\.png$/i.exec(image.slice(exam.length + 1)) : null;
      if (number === null)
        throw new SignalbookError("an image named unlike its exam", {
          file: join(folder, image),
          found: quoted(image),
          expected: `${exam}_0001.png`,
        });
      return { exam, image, number: Number(number[1]), path: join(folder, image) };
    })
    .sort((a, b) => a.number - b.number);
  if (images.length === 0)
    throw new SignalbookError("an exam without images", {
      file: folder,
      found: `${names.length} other files`,
      expected: `${exam}_0001.png and so on`,
    });
  const twice = images.find(({ number }, i) => number === images[i - 1]?.number);
  if (twice !== undefined)
    throw new SignalbookError("two images of one epoch", { file: twice.path, found: `number ${twice.number} twice` });
  return images;
}

/**
 * An epoch's image as grey bytes, 270 rows of 480.
 * @throws SignalbookError for another size, and as decodeGreyPng.
 */
export async function readMaicImage(path: string): Promise<GreyImage> {
  const image = await decodeGreyPng(readBytes(path, "a PNG image"), path);
  if (image.width !== MAIC_WIDTH || image.height !== MAIC_HEIGHT)
    throw new SignalbookError("an image of another size", {
      file: path,
      found: `${image.width} x ${image.height}`,
      expected: `${MAIC_WIDTH} x ${MAIC_HEIGHT}`,
    });
  return image;
}

export interface MaicSubmissionOptions {
  /** Begin with UTF-8's byte-order mark, as system 001's files did. Default false. */
  byteOrderMark?: boolean;
}

/**
 * Writes files.csv: the stage's name a line, in the order of the test list. Read back and compared before it gets its name.
 * @param predicted indices into {@link MAIC_STAGES}, one an entry.
 * @throws SignalbookError when numbers differ or an index is out of range.
 */
export function writeMaicSubmission(
  path: string,
  entries: readonly MaicEntry[],
  predicted: ArrayLike<number>,
  { byteOrderMark = false }: MaicSubmissionOptions = {},
): void {
  if (predicted.length !== entries.length)
    throw new SignalbookError("predictions and images differ in number", {
      file: path,
      found: `${predicted.length} predictions`,
      expected: `${entries.length}, one an image`,
    });
  const stages = entries.map(({ exam, image }, i) => {
    const stage = MAIC_STAGES[predicted[i]!];
    if (stage !== undefined) return stage;
    throw new SignalbookError("a class that is no stage", {
      file: path,
      place: `${exam}/${image}`,
      found: String(predicted[i]),
      expected: `0 .. ${MAIC_STAGES.length - 1}`,
    });
  });
  const text = stages.map((stage) => `${stage}\n`).join("");
  writeFileChecked(path, byteOrderMark ? `\ufeff${text}` : text, (written) => {
    const back = readMaicSubmission(written, stages.length);
    const wrong = stages.findIndex((stage, i) => back[i] !== stage);
    if (wrong >= 0)
      throw new SignalbookError("the submission read back is not what was written", {
        file: path,
        place: `line ${wrong + 1}`,
        found: quoted(String(back[wrong])),
        expected: quoted(String(stages[wrong])),
      });
  });
}

/**
 * The stages of a submission, with or without a byte-order mark.
 * @param images how many were asked for
 * @throws SignalbookError naming the line for anything else, and for another number of lines than images.
 */
export function readMaicSubmission(path: string, images: number): MaicStage[] {
  const lines = readLines(path, "a stage a line");
  const stages = lines.map((line, i) => {
    const stage = MAIC_STAGES.find((name) => name === line);
    if (stage !== undefined) return stage;
    throw new SignalbookError("an unknown stage", {
      file: path,
      place: `line ${i + 1}`,
      found: quoted(line),
      expected: MAIC_STAGES.join(", "),
    });
  });
  if (stages.length === images) return stages;
  throw new SignalbookError("stages of another number of images", {
    file: path,
    found: `${stages.length} lines`,
    expected: `${images}, one an image of the test list`,
  });
}
