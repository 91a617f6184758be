/** What the comment lines of PhysioNet's challenges say about the person. */
import { SignalbookError } from "../core/errors";
import { quoted } from "./text";

export interface PatientComments {
  /** Years; null where missing or written as NaN or Unknown. */
  age: number | null;
  sex: "female" | "male" | null;
  /** `#Dx` codes (SNOMED CT), as text. */
  diagnoses: string[];
}

/**
 * Reads `Age:`, `Sex:` and `Dx:` from a header's comments.
 * @throws SignalbookError for an age or sex that is neither a value nor a word for "not known".
 */
export function patientFromComments(header: { file: string; comments: readonly string[] }): PatientComments {
  const value = (name: string): string => {
    const line = header.comments.find((comment) => comment.toLowerCase().startsWith(`${name}:`));
    return line === undefined ? "" : line.slice(name.length + 1).trim();
  };
  const known = (text: string): boolean => !/^(nan|unknown|\?)?$/i.test(text);
  const wrong = (place: string, found: string, expected: string): SignalbookError =>
    new SignalbookError("a comment that cannot be read", { file: header.file, place, found: quoted(found), expected });

  const ageText = value("age");
  const age = known(ageText) ? Number(ageText) : null;
  if (age !== null && !(age >= 0)) throw wrong("#Age", ageText, "years, NaN or Unknown");
  const sexText = value("sex").toLowerCase();
  const sex = !known(sexText)
    ? null
    : /^f(emale)?$/.test(sexText)
      ? "female"
      : /^m(ale)?$/.test(sexText)
        ? "male"
        : undefined;
  if (sex === undefined) throw wrong("#Sex", sexText, "Female, Male or Unknown");
  const diagnoses = value("dx")
    .split(",")
    .map((code) => code.trim());
  return { age, sex, diagnoses: diagnoses.filter(known) };
}
