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
}

type Box = Pick<PlacedLabel, "left" | "top" | "right" | "bottom">;

/** Directions in the order of preference: to the right, to the left, above, below, between. */
const directions = [0, 180, 90, 270, 35, 325, 145, 215, 65, 295, 115, 245].map((degrees) => (degrees * Math.PI) / 180);
const distances = [3, 12, 24, 38, 54, 72];

/**
 * Places one label after the other, the points in the order given. Where every place around a point is taken, the one
 * that covers least is.
 */
export function placeLabels(points: readonly NamedPoint[], options: PlacementOptions): PlacedLabel[] {
  const { width, height, fontSize, radius } = options;
  const marks = points.map(({ x, y }) => around(x, y, radius, radius));
  const placed: PlacedLabel[] = [];
  for (const point of points) {
    const half = { x: textWidth(point.text, fontSize) / 2 + 1, y: 0.6 * fontSize };
    let best: { label: PlacedLabel; covered: number } | undefined;
    for (const distance of distances)
      for (const angle of directions) {
        if (best?.covered === 0) break;
        const [across, up] = [Math.cos(angle), Math.sin(angle)];
        // The box touches a circle around the point on the side of the direction.
        const box = around(
          point.x + (radius + distance) * across + half.x * Math.sign(Math.round(across * 10)),
          point.y - (radius + distance) * up - half.y * Math.sign(Math.round(up * 10)),
          half.x,
          half.y,
        );
        const outside = area(box) - overlap(box, { left: 0, top: 0, right: width, bottom: height });
        const taken = [...placed, ...marks].reduce((sum, other) => sum + overlap(box, other), 0);
        const covered = outside + taken;
        if (best === undefined || covered < best.covered)
          best = { label: { ...point, ...box, apart: distance > distances[1]! }, covered };
      }
    placed.push(best!.label);
  }
  return placed;
}

function around(x: number, y: number, halfWidth: number, halfHeight: number): Box {
  return { left: x - halfWidth, right: x + halfWidth, top: y - halfHeight, bottom: y + halfHeight };
}

const area = ({ left, right, top, bottom }: Box): number => (right - left) * (bottom - top);

/** Pixels that both cover. */
function overlap(a: Box, b: Box): number {
  const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return Math.max(0, wide) * Math.max(0, high);
}
