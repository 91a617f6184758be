/** Transforms of 2, 3, 4 and 5 complex values, two of each at a time, as WebAssembly. */
import { add, type Code, constant, type FunctionBody, multiply, subtract } from "../core/wasm";

/** Two complex values, one in each half of the vectors. */
export interface Pair {
  re: Code;
  im: Code;
}

/** The product of a value and one that is kept already. */
export function times(body: FunctionBody, value: Pair, by: Pair): Pair {
  const re = body.keep(value.re);
  const im = body.keep(value.im);
  return {
    re: subtract(multiply(re, by.re), multiply(im, by.im)),
    im: add(multiply(re, by.im), multiply(im, by.re)),
  };
}

export type Butterfly = (values: readonly Pair[]) => Pair[];

/** Transforms of `radix` values; constants are kept before the loops. */
export const BUTTERFLIES: Readonly<Record<number, (body: FunctionBody) => Butterfly>> = {
  2:
    (body) =>
    ([a, b]) => [plus(body, a!, b!), minus(body, a!, b!)],
  3: (body) => {
    const half = body.keep(constant(0.5));
    const sine = body.keep(constant(Math.sqrt(3) / 2));
    return ([a, b, c]) => {
      const sum = plus(body, b!, c!);
      const apart = minus(body, b!, c!);
      const centre = {
        re: body.keep(subtract(a!.re, multiply(half, sum.re))),
        im: body.keep(subtract(a!.im, multiply(half, sum.im))),
      };
      // -i sine (b - c)
      const side = { re: body.keep(multiply(sine, apart.im)), im: body.keep(multiply(sine, apart.re)) };
      return [
        plus(body, a!, sum),
        { re: add(centre.re, side.re), im: subtract(centre.im, side.im) },
        { re: subtract(centre.re, side.re), im: add(centre.im, side.im) },
      ];
    };
  },
  4:
    (body) =>
    ([a, b, c, d]) => {
      const [s, t, u, v] = [plus(body, a!, c!), minus(body, a!, c!), plus(body, b!, d!), minus(body, b!, d!)];
      return [
        { re: add(s.re, u.re), im: add(s.im, u.im) },
        { re: add(t.re, v.im), im: subtract(t.im, v.re) },
        { re: subtract(s.re, u.re), im: subtract(s.im, u.im) },
        { re: subtract(t.re, v.im), im: add(t.im, v.re) },
      ];
    },
  5: (body) => {
    const [c1, c2, s1, s2] = [
      Math.cos((2 * Math.PI) / 5),
      Math.cos((4 * Math.PI) / 5),
      Math.sin((2 * Math.PI) / 5),
      Math.sin((4 * Math.PI) / 5),
    ].map((value) => body.keep(constant(value))) as [Code, Code, Code, Code];
    return ([a, b, c, d, e]) => {
      const [p, m, q, n] = [plus(body, b!, e!), minus(body, b!, e!), plus(body, c!, d!), minus(body, c!, d!)];
      const mix = (x: Code, y: Code, z: Code, cy: Code, cz: Code): Code =>
        body.keep(add(x, add(multiply(cy, y), multiply(cz, z))));
      const g = { re: mix(a!.re, p.re, q.re, c1, c2), im: mix(a!.im, p.im, q.im, c1, c2) };
      const h = { re: mix(a!.re, p.re, q.re, c2, c1), im: mix(a!.im, p.im, q.im, c2, c1) };
      const k = {
        re: body.keep(add(multiply(s1, m.re), multiply(s2, n.re))),
        im: body.keep(add(multiply(s1, m.im), multiply(s2, n.im))),
      };
      const l = {
        re: body.keep(subtract(multiply(s2, m.re), multiply(s1, n.re))),
        im: body.keep(subtract(multiply(s2, m.im), multiply(s1, n.im))),
      };
      return [
        { re: add(a!.re, add(p.re, q.re)), im: add(a!.im, add(p.im, q.im)) },
        { re: add(g.re, k.im), im: subtract(g.im, k.re) },
        { re: add(h.re, l.im), im: subtract(h.im, l.re) },
        { re: subtract(h.re, l.im), im: add(h.im, l.re) },
        { re: subtract(g.re, k.im), im: add(g.im, k.re) },
      ];
    };
  },
};

function plus(body: FunctionBody, a: Pair, b: Pair): Pair {
  return { re: body.keep(add(a.re, b.re)), im: body.keep(add(a.im, b.im)) };
}

function minus(body: FunctionBody, a: Pair, b: Pair): Pair {
  return { re: body.keep(subtract(a.re, b.re)), im: body.keep(subtract(a.im, b.im)) };
}
