/** Where the names of points stand so that none covers another: tried around each point, near before far. */
import { textWidth } from "./text-width";

/** A point to be named; pixels from the upper left of the plot. */
export interface NamedPoint {
  x: number;
  y: number;
  text: string;
}

export interface PlacedLabel extends NamedPoint {
  /** The label's box, in pixels. */
  left: number;
  top: number;
  right: number;
  bottom: number;
  /** Whether it stands so far off that a line should join it to its point. */
  apart: boolean;
}

export interface PlacementOptions {
  width: number;
  height: number;
  fontSize: number;
  /** Of a point's mark. */
  radius: number;
  /** What else no label may cover. */
  taken?: readonly Box[];
}

export type Box = Pick<PlacedLabel, "left" | "top" | "right" | "bottom">;

/** Directions in the order of preference: to the right, to the left, above, below, between. */
const directions = [0, 180, 90, 270, 35, 325, 145, 215, 65, 295, 115, 245, 165, 195, 15, 345].map(
  (degrees) => (degrees * Math.PI) / 180,
);
const distances = [3, 12, 24, 38, 54, 72];

interface Placed {
  label: PlacedLabel;
  /** To its point, where it stands apart. */
  line: Box[];
}

/**
 * What places cost, a pixel. Hiding something is worst. A line shares few pixels with another that it crosses, or with a
 * mark that it touches, but is taken for that one's; so is a whole label that is nearer to another's mark.
 */
const weights = { hidden: 200, crossed: 20, doubtful: 4 };

/** So often every label is placed anew among the others: the first ones did not know what was to come. */
const rounds = 4;

/**
 * Places one label after the other, the points in the order given, clear of marks, labels and the lines to them, nearer
 * to its own mark than to others. Where every place around a point is taken, the one that costs least is.
 */
export function placeLabels(points: readonly NamedPoint[], options: PlacementOptions): PlacedLabel[] {
  const placed = new Map<number, Placed>();
  for (let round = 0; round < rounds; round++)
    for (const [i, point] of points.entries()) {
      placed.delete(i);
      const others = points.filter((_, j) => j !== i);
      placed.set(i, placeLabel(point, others, [...placed.values()], options));
    }
  return points.map((_, i) => placed.get(i)!.label);
}

function placeLabel(
  point: NamedPoint,
  points: readonly NamedPoint[],
  placed: readonly Placed[],
  { width, height, fontSize, radius, taken: kept = [] }: PlacementOptions,
): Placed {
  const mark = ({ x, y }: NamedPoint): Box => around(x, y, radius, radius);
  const [taken, lines] = [[...kept, ...points.map(mark), ...placed.map(({ label }) => label)], placed.flatMap(({ line }) => line)]; // biome-ignore format: one line reads better
  const half = { x: textWidth(point.text, fontSize) / 2 + 1, y: 0.6 * fontSize };
  let best: (Placed & { cost: number }) | undefined;
  for (const distance of distances)
    for (const angle of directions) {
      const [across, up] = [Math.cos(angle), Math.sin(angle)];
      // The box touches a circle around the point on the side of the direction.
      const box = around(
        point.x + (radius + distance) * across + half.x * Math.sign(Math.round(across * 10)),
        point.y - (radius + distance) * up - half.y * Math.sign(Math.round(up * 10)),
        half.x,
        half.y,
      );
      const outside = area(box) - overlap(box, { left: 0, top: 0, right: width, bottom: height });
      const apart = distance > distances[1]!;
      const line = apart ? lineTo(box, point, radius) : [];
      const doubtful = !apart && points.some((other) => awayFrom(box, other) <= awayFrom(box, point));
      const hidden = outside + overlaps([box], [...taken, mark(point)]);
      const crossed = overlaps(line, [...taken, ...lines]);
      const cost =
        weights.hidden * hidden +
        weights.crossed * crossed +
        overlaps([box], lines) +
        (doubtful ? weights.doubtful * area(box) : 0);
      if (best === undefined || cost < best.cost) best = { label: { ...point, ...box, apart }, line, cost };
      if (cost === 0) return best;
    }
  return best!;
}

/** The line from a mark to the nearest edge of its label, as a string of small boxes, with some air. */
function lineTo({ left, right, top, bottom }: Box, { x, y }: NamedPoint, radius: number): Box[] {
  const [toX, toY] = [Math.min(right, Math.max(left, x)), Math.min(bottom, Math.max(top, y))];
  const length = Math.hypot(toX - x, toY - y);
  const beads = Math.max(0, Math.floor((length - radius) / 2));
  return Array.from({ length: beads }, (_, i) => {
    const along = (radius + 2 * i) / length;
    return around(x + along * (toX - x), y + along * (toY - y), 2, 2);
  });
}

const overlaps = (some: readonly Box[], others: readonly Box[]): number =>
  some.reduce((sum, one) => others.reduce((inner, other) => inner + overlap(one, other), sum), 0);

function around(x: number, y: number, halfWidth: number, halfHeight: number): Box {
  return { left: x - halfWidth, right: x + halfWidth, top: y - halfHeight, bottom: y + halfHeight };
}

/** Pixels from a point to the nearest edge of a box. */
function awayFrom({ left, right, top, bottom }: Box, { x, y }: NamedPoint): number {
  return Math.hypot(Math.max(left - x, 0, x - right), Math.max(top - y, 0, y - bottom));
}

const area = ({ left, right, top, bottom }: Box): number => (right - left) * (bottom - top);

/** Pixels that both cover. */
function overlap(a: Box, b: Box): number {
  const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return Math.max(0, wide) * Math.max(0, high);
}
