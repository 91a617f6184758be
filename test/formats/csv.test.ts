import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { integerCell, numberCell, parseCsv, readCsv } from "../../lib/formats/csv";
import { readHmsTable } from "../../lib/formats/hms";
import { readLines } from "../../lib/formats/text";
import { fuzzReader } from "../support/fuzz";
import { scratchFile, scratchFolder, throwsProblem } from "../support/problems";

test("quotes, commas and line ends inside them, empty cells, and identifiers as written", () => {
  const table = parseCsv('id,text,last\r\n00012,"a, ""b""\nc",\r\n7,,x', "t.csv");
  assert.deepEqual(table.columns, ["id", "text", "last"]);
  assert.deepEqual(
    table.rows.map(({ cells }) => cells),
    [
      { id: "00012", text: 'a, "b"\nc', last: "" },
      { id: "7", text: "", last: "x" },
    ],
  );
  // The second record begins on line 4: the first one holds a line end.
  assert.deepEqual(
    table.rows.map(({ line }) => line),
    [2, 4],
  );
});

test("a comma at the end of the text leaves an empty cell", () => {
  assert.deepEqual(parseCsv("a,b\n1,", "t.csv").rows[0]!.cells, { a: "1", b: "" });
});

test("a byte-order mark and CRLF make no difference", (t) => {
  const path = scratchFile(t, "t.csv", "\ufeffa,b\r\n1,2\r\n");
  assert.deepEqual(readCsv(path, ["a"]).rows, [{ line: 2, cells: { a: "1", b: "2" } }]);
});

test("problems are named by file, line and column", (t) => {
  throwsProblem(() => parseCsv("a,b\n1\n", "t.csv"), {
    file: "t.csv",
    place: "line 2",
    found: "1 cells",
    expected: /2/,
  });
  throwsProblem(() => parseCsv('a,b\n1,"2\n', "t.csv"), { place: "line 2", what: /quote that never closes/ });
  throwsProblem(() => parseCsv('a,b\n"1"x,2\n', "t.csv"), { place: "line 2", found: /x,2/ });
  throwsProblem(() => parseCsv("a,a\n", "t.csv"), { found: '"a"', place: "line 1" });
  throwsProblem(() => parseCsv("a,b\n", "t.csv", ["c"]), { expected: '"c"', found: '"a", "b"' });
  throwsProblem(() => parseCsv("", "t.csv"), { what: /empty file/ });
  const table = parseCsv('n\nx\n1.5\n""\n', "t.csv");
  throwsProblem(() => numberCell(table, table.rows[0]!, "n"), { place: "line 2, column n", found: '"x"' });
  throwsProblem(() => integerCell(table, table.rows[1]!, "n"), { place: "line 3, column n", found: '"1.5"' });
  const path = scratchFolder(t);
  throwsProblem(() => readCsv(`${path}/none.csv`), { found: "nothing there", fix: "check the path" });
  throwsProblem(() => readCsv(path), { found: "a folder" });
});

test("text that is not UTF-8 is refused with the byte", (t) => {
  const latin1 = scratchFile(t, "l.txt", Buffer.from("W\nN\xe9\n", "latin1"));
  throwsProblem(() => readLines(latin1, "text"), { file: latin1, place: "byte 3", found: "byte 0xe9" });
  const utf16 = scratchFile(t, "u.txt", Buffer.from("\ufeffabc", "utf16le"));
  throwsProblem(() => readLines(utf16, "text"), { found: /UTF-16/, fix: "save the file as UTF-8" });
  const cut = scratchFile(t, "c.txt", Buffer.from([0x61, 0xe6, 0x97]));
  throwsProblem(() => readLines(cut, "text"), { place: "byte 1" });
});

test("cells of any text, quoted as the format says, are read back", () => {
  const cell = fc.oneof(fc.string(), fc.constantFrom("", ",", '"', '""', "\n", "\r\n", "a,b", "\u00e9"));
  const quotedCell = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  fc.assert(
    fc.property(
      fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 }),
      fc.constantFrom("\n", "\r\n"),
      (rows, end) => {
        const lines = [["a", "b"], ...rows].map((cells) => cells.map(quotedCell).join(","));
        const table = parseCsv(lines.join(end) + end, "t.csv");
        assert.deepEqual(
          table.rows.map(({ cells }) => [cells["a"], cells["b"]]),
          rows,
        );
      },
    ),
    { seed: 5, numRuns: 200 },
  );
});

test("fuzz: damaged tables are read or refused", async () => {
  const hms =
    "eeg_id,spectrogram_id,patient_id,eeg_sub_id,eeg_label_offset_seconds,spectrogram_sub_id,expert_consensus," +
    "spectrogram_label_offset_seconds,seizure_vote,lpd_vote,gpd_vote,lrda_vote,grda_vote,other_vote\n" +
    "1628180742,353733,42516,0,0.0,0,Seizure,0.0,3,0,0,0,0,0\n1628180742,353733,42516,1,6.0,1,GPD,6.0,3,0,9,0,0,0\n";
  const seeds = [Buffer.from(hms), Buffer.from('eeg_id,spectrogram_id,patient_id,note\n1,2,3,"a, ""b"""\n4,5,6,\n')];
  const counts = { read: 0, refused: 0 };
  for (const read of [readCsv, readHmsTable]) {
    const { read: ok, refused } = await fuzzReader({
      name: "csv",
      extension: ".csv",
      seeds,
      rounds: 700,
      read: (path) => read(path),
    });
    counts.read += ok;
    counts.refused += refused;
  }
  assert.ok(counts.read > 100 && counts.refused > 300, JSON.stringify(counts));
});
