/**
 * Sets of physical CPUs as xl reads them: `0-3,^1`, `all`, `node:0` (Xen 4.17, tools/xl/xl_parse.c: parse_cpurange).
 */
import { err, ok, type Result } from '../../base/result.ts';
import type { CpuSet } from './domain-config.ts';

export interface AffinityError {
  readonly code: 'excluded-all' | 'bad-cpu-range';
  /** The part of the text that is wrong. */
  readonly part: string;
  readonly line: string;
}

/** Bits in xl's CPU map, in whole bytes. Higher numbers are ignored. */
const mapBits = (cpus: number): number => Math.ceil(cpus / 8) * 8;

/**
 * Reads a set for a machine with `cpus` CPUs in one NUMA node. CPUs beyond these stay in the set as far as the map
 * has bits for them.
 */
export function parseCpus(text: string, cpus: number): Result<CpuSet, AffinityError> {
  const bits = mapBits(cpus);
  const set = new Set<number>();
  for (const part of text.split(',')) {
    if (part === '') continue;
    const excluded = part.startsWith('^');
    let rest = excluded ? part.slice(1) : part;
    const node = /^nodes?:/.exec(rest)?.[0];
    if (node) rest = rest.slice(node.length);
    if (rest === 'all') {
      if (excluded) return err({ code: 'excluded-all', part, line: 'Can\'t combine "^" and "all".' });
      for (let cpu = 0; cpu < bits; cpu++) set.add(cpu);
      continue;
    }
    const range = parseRange(rest);
    if (!range) return err({ code: 'bad-cpu-range', part, line: `Invalid pcpu range: ${rest}.` });
    const [first, last] = node ? nodeCpus(range, cpus) : range;
    for (let cpu = first; cpu <= Math.min(last, bits - 1); cpu++) {
      if (excluded) set.delete(cpu);
      else set.add(cpu);
    }
  }
  return ok([...set].sort((a, b) => a - b));
}

/** The CPUs of a range of nodes; node 0 has all of them. */
const nodeCpus = ([first]: readonly [number, number], cpus: number): readonly [number, number] =>
  first === 0 ? [0, cpus - 1] : [0, -1];

/** One number or a range of two, each as strtoul reads it. */
function parseRange(text: string): readonly [number, number] | null {
  const match = /^[ \t\n\v\f\r]*([+-]?)([0-9]+)(?:-[ \t\n\v\f\r]*([+-]?)([0-9]+))?$/.exec(text);
  if (!match) return null;
  const first = unsignedLong(match[1], match[2]);
  const last = match[4] === undefined ? first : unsignedLong(match[3], match[4]);
  if (first === null || last === null || last < first) return null;
  return [Number(first), Number(last)];
}

const longest = 0xffff_ffff_ffff_ffffn;

/** A 64-bit number modulo 2^64; null for the greatest value, which means an error. */
function unsignedLong(sign: string | undefined, digits: string | undefined): bigint | null {
  const magnitude = BigInt(digits ?? '0');
  const value = BigInt.asUintN(64, sign === '-' ? -magnitude : magnitude);
  return magnitude >= longest || value === longest ? null : value;
}
