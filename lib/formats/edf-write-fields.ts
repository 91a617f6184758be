/** Fields of EDF headers as text: ASCII of a fixed width, and numbers of eight characters. */
import { SignalbookError } from "../core/errors";
import { quoted } from "./text";

/** Room for a number in a header. */
const NUMBER_WIDTH = 8;
/** A limit rounded outwards may be off by this share of itself before the exponent form is taken. */
const LIMIT_ROUNDING = 1e-3;

/** What is not ASCII and has a usual spelling in it; accents are taken off letters besides. */
const SPELLINGS: Readonly<Record<string, string>> = {
  "\u00b5": "u", // the micro sign, and the Greek letter
  "\u03bc": "u",
  "\u03a9": "Ohm",
  "°": "deg",
  "²": "2",
  "³": "3",
  ß: "ss",
  æ: "ae",
  Æ: "Ae",
  ø: "o",
  Ø: "O",
  œ: "oe",
  Œ: "Oe",
  ł: "l",
  Ł: "L",
  "–": "-",
};

/** What names a field in messages, and how its text is made ASCII. */
export interface FieldContext {
  file: string;
  transliterate: boolean;
}

/**
 * Text for a header field.
 * @throws SignalbookError for text longer than `width`, and for characters that are not printable ASCII (when
 * transliterating, for those without a spelling).
 */
export function asciiText(text: string, width: number, what: string, { file, transliterate }: FieldContext): string {
  const spelled = transliterate ? text.normalize("NFD").replace(/[^\x20-\x7e]/gu, spell) : text;
  const wrong = /[^\x20-\x7e]/u.exec(spelled);
  if (wrong !== null)
    throw new SignalbookError(`${what} is not ASCII`, {
      file,
      found: `${quoted(wrong[0])} in ${quoted(text)}`,
      expected: "letters, digits and signs of ASCII: headers hold nothing else",
      fix: transliterate ? "write it another way" : 'write it another way ("uV"), or say transliterate: true',
    });
  if (spelled.length > width)
    throw new SignalbookError(`${what} is too long`, {
      file,
      found: `${quoted(spelled)}, ${spelled.length} characters`,
      expected: `${width} at most`,
      fix: "shorten it",
    });
  return spelled.padEnd(width);
}

function spell(character: string): string {
  return /\p{Mark}/u.test(character) ? "" : (SPELLINGS[character] ?? character);
}

/** A number exactly, in eight characters. @throws SignalbookError for one that does not fit. */
export function exactNumber(value: number, what: string, file: string): string {
  const text = shortest(value);
  if (Number.isFinite(value) && text.length <= NUMBER_WIDTH) return text.padEnd(NUMBER_WIDTH);
  throw new SignalbookError(`${what} does not fit a header`, {
    file,
    found: String(value),
    expected: "a number that eight characters hold exactly",
    fix: "round it",
  });
}

/**
 * The nearest number of eight characters that is not above (`towards` -1) or not below (1) the value, so that a limit
 * written with it still holds every sample.
 */
export function limitText(value: number, towards: -1 | 1): string {
  const round = towards < 0 ? Math.floor : Math.ceil;
  const holds = (text: string): boolean =>
    text.length <= NUMBER_WIDTH && text !== "Infinity" && (towards < 0 ? Number(text) <= value : Number(text) >= value);
  for (let decimals = 6; decimals >= 0; decimals--) {
    const scaled = value * 10 ** decimals;
    // Rounding of the product can put the limit on the wrong side: then it is moved by one.
    const text = [round(scaled), round(scaled) + towards]
      .map((integer) => shortest(Number((integer / 10 ** decimals).toFixed(decimals))))
      .find(holds);
    if (text !== undefined && Math.abs(Number(text) - value) <= LIMIT_ROUNDING * Math.abs(value)) return text;
  }
  const exponent = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  for (let digits = 4; digits >= 0; digits--) {
    const unit = exponent - digits;
    const integer = round(value / 10 ** unit);
    const text = [integer, integer + towards].map((n) => exponential(Number(`${n}e${unit}`), digits)).find(holds);
    if (text !== undefined) return text;
  }
  throw new SignalbookError("a sample whose size no header can hold", {
    found: String(value),
    fix: "use another unit",
  });
}

function exponential(value: number, digits: number): string {
  return value.toExponential(digits).replace("e+", "E").replace("e", "E");
}

/** The shortest decimal that is the number, without an exponent where it can be. */
function shortest(value: number): string {
  const text = String(value);
  if (!text.includes("e")) return text;
  const plain = value.toFixed(7).replace(/\.?0+$/, "");
  return Number(plain) === value ? plain : text.replace("e+", "E").replace("e", "E");
}
