/**
 * How wide a text will be. Node has no fonts, and Vega's own guess (0.8 em a character) leaves gaps in legends and axes;
 * these are mean advance widths of sans-serif faces, in em, a little on the wide side so that nothing overlaps.
 */
const narrow = new Set("iIjl.,:;'|!()[]{} ftr-·");
const wide = new Set("mwMWΩ@%—…→−");

/** Width of `text` in CSS pixels at `fontSize` CSS pixels; bold is wider. */
export function textWidth(text: string, fontSize: number, fontWeight: string | number = 400): number {
  const bold = fontWeight === "bold" || Number(fontWeight) >= 600;
  let em = 0;
  for (const character of text) em += characterWidth(character);
  return em * fontSize * (bold ? 1.1 : 1);
}

function characterWidth(character: string): number {
  const code = character.codePointAt(0)!;
  if (code >= 0x2e80) return 1; // CJK and full-width forms
  if (narrow.has(character)) return 0.36;
  if (wide.has(character)) return 0.9;
  if (character >= "A" && character <= "Z") return 0.7;
  return 0.58;
}
