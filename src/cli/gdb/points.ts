/** Breakpoints and watchpoints as packets set and remove them. */
import type { Point, PointType, Target } from './target.ts';
import { numberOf, smallNumber } from './values.ts';

/** At a time: each costs time at every access that may hit it. */
const mostPoints = 1000;
/** Bytes that a watchpoint may watch. */
const longestWatch = 2 ** 20;

export class Points {
  readonly #target: Target;
  #points: readonly Point[] = [];

  constructor(target: Target) {
    this.#target = target;
  }

  /** Adding one that is there, and removing one that is not, changes nothing. */
  change(point: Point, isAdded: boolean): string {
    const others = this.#points.filter((each) => !isSamePoint(each, point));
    if (isAdded && others.length >= mostPoints) return 'E.There are too many breakpoints and watchpoints.';
    const points = isAdded ? [...others, point] : others;
    const set = this.#target.setPoints(points);
    if (!set.ok) return `E.${set.error}`;
    this.#points = points;
    return 'OK';
  }
}

const isSamePoint = (a: Point, b: Point): boolean =>
  a.type === b.type && a.address === b.address && a.length === b.length;

/** Does what `Z` and `z` packets ask for; null if they are malformed. Conditions are not known here: GDB checks them. */
export function pointPacket(points: Points, packet: string): string | null {
  const [, how, type, at, kind] = /^([Zz])([0-4]),([0-9a-f]+),([0-9a-f]+)(?:;.*)?$/is.exec(packet) ?? [];
  const address = numberOf(at ?? '');
  const length = smallNumber(kind ?? '', longestWatch);
  if (type === undefined || address === null || length === null || length === 0) return null;
  return points.change({ type: Number(type) as PointType, address, length }, how === 'Z');
}
