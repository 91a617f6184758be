import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { type DoctorReport, reportText } from "../../lib/cli/doctor";
import { projectRoot } from "../../lib/core/files";

function doctor(env: NodeJS.ProcessEnv): { code: number | null; report: DoctorReport } {
  const ended = spawnSync(process.execPath, [join(projectRoot, "scripts", "signalbook.cjs"), "doctor", "--json"], {
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  return { code: ended.status, report: JSON.parse(ended.stdout) as DoctorReport };
}

const finding = (report: DoctorReport, name: string): DoctorReport["findings"][number] =>
  report.findings.find((each) => each.name === name)!;

test("with the engine installed, all that the main job needs is found and computes rightly", () => {
  const { code, report } = doctor({});
  assert.equal(code, 0, reportText(report));
  assert.equal(report.ok, true);
  assert.match(finding(report, "engine").value, /^TensorFlow 2\.\d+\.\d+ \((cpu|cuda)\), /);
  for (const name of ["matrix product", "convolution gradient"]) {
    assert.equal(finding(report, name).status, "ok");
    assert.match(finding(report, name).value, /off by \d\.\de-\d+ at most/);
  }
  assert.match(finding(report, "kernel").value, /kernel\.json, ZeroMQ \d/);
});

test("on plain JavaScript the computations hold too, and the report warns of the engine", () => {
  const { code, report } = doctor({ SIGNALBOOK_BACKEND: "cpu" });
  assert.equal(code, 0, reportText(report));
  assert.equal(finding(report, "engine").status, "warning");
  assert.equal(finding(report, "convolution gradient").status, "ok");
});

test("with a broken engine: exit code 1, and what to do", () => {
  const { code, report } = doctor({ SIGNALBOOK_ENGINE_FOLDER: "/no/engine/here" });
  assert.equal(code, 1);
  assert.equal(report.ok, false);
  const { status, value, fix } = finding(report, "engine");
  assert.equal(status, "failed");
  assert.match(value, /\/no\/engine\/here.*library is missing/);
  assert.match(fix!, /npm run setup/);
  assert.match(reportText(report), /^FAIL {2}engine .*\n +-> run `npm run setup`/m);
  assert.match(reportText(report), /the report cannot be made here/);
});
