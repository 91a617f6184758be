import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { probabilities, readPredictions, writePredictions } from "../../lib/ensembling";

test("predictions come back as they were, to the last bit, whatever their names", () => {
  const folder = mkdtempSync(join(tmpdir(), "predictions-"));
  const file = join(folder, "p.csv");
  try {
    const values = Float64Array.of(0.1 + 0.2, 1 / 3, 5e-324, 1, 0, 2 ** -53);
    const given = probabilities(["a,b", 'say "x"', "c"], ["窦性心律", "N1, N2"], values);
    writePredictions(file, given);
    const back = readPredictions(file);
    assert.deepEqual([back.ids, back.classes, [...back.values]], [given.ids, given.classes, [...values]]);
    const single = probabilities(["x"], ["k"], Float32Array.of(0.1));
    writePredictions(file, single);
    assert.equal(readPredictions(file).values[0], single.values[0]);

    const wrong = (text: string, message: RegExp): void => {
      writeFileSync(file, text);
      assert.throws(() => readPredictions(file), message);
    };
    wrong("name,k\nx,0.5\n", /id/);
    wrong("id,k\nx,\n", /line 2, column k: a missing probability/);
    wrong("id,k\nx,0.5\nx,0.5\n", /occurs twice/);
    wrong("id,k\nx,1.5\n", /example x, class k: a value that is no probability/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
