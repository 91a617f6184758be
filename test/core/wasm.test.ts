import assert from "node:assert/strict";
import { test } from "node:test";
import {
  add,
  addI32,
  compileWasm,
  constant,
  FunctionBody,
  i32,
  load,
  loadTwice,
  multiply,
  store,
  storeLane,
  subtract,
} from "../../lib/core/wasm";

test("a function over memory: pairs of doubles multiplied by one double, in a loop, and single lanes stored", () => {
  const times = 300;
  const body = new FunctionBody(2);
  const [from, factor] = body.parameters as [(typeof body.parameters)[0], (typeof body.parameters)[0]];
  const to = body.local("i32");
  body.do(to.set(addI32(from.get, i32(times * 16))));
  const by = body.keep(loadTwice(factor.get, 0));
  body.repeat(times, () => {
    const value = body.keep(load(from.get, 0));
    body.do(store(to.get, 0, subtract(multiply(value, by), add(value, constant(1)))));
    body.do(from.set(addI32(from.get, i32(16))), to.set(addI32(to.get, i32(16))));
  });
  body.do(storeLane(factor.get, 8, by, 0), storeLane(factor.get, 16, body.keep(constant(-7.5)), 1));
  const { memory, functions } = compileWasm(70_000, { run: body });
  assert.equal(memory.byteLength, 2 * 65536);
  const doubles = new Float64Array(memory);
  for (let i = 0; i < 2 * times; i++) doubles[i] = i - 100;
  doubles[8000] = 3;
  functions["run"]!(0, 64_000);
  for (let i = 0; i < 2 * times; i++) assert.equal(doubles[2 * times + i], 2 * (i - 100) - 1);
  assert.deepEqual(Array.from(doubles.subarray(8000, 8003)), [3, 3, -7.5]);
});

test("numbers of every size are encoded as the format wants them", () => {
  for (const value of [0, 63, 64, 127, 128, 8191, 8192, 65535, 100_000]) {
    const body = new FunctionBody(1);
    const address = body.local("i32");
    body.do(address.set(i32(value)));
    body.do(storeLane(address.get, 8, constant(value), 0), storeLane(body.parameters[0]!.get, value, constant(1), 1));
    const { memory, functions } = compileWasm(200_000, { run: body });
    functions["run"]!(50_000);
    const view = new DataView(memory);
    assert.equal(view.getFloat64(value + 8, true), value);
    assert.equal(view.getFloat64(50_000 + value, true), 1);
  }
});
