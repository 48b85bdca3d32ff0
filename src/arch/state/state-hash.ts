import { Core } from '../../a64/layout.ts';
import type { CoreState } from './core.ts';
import type { Memory } from './memory.ts';

/** Parts of a core's state that are architectural and stored as such; flags are added in their packed form. */
const parts = [
  [Core.x, Core.flagKind],
  [Core.fpcr, Core.exclusiveAddress],
  [Core.pstate, Core.accessKind],
  [Core.retired, Core.quantum],
  [Core.v, Core.levels],
] as const;

/**
 * A fingerprint of cores and RAM: equal for equal states, 64 bits. Pages of zeros do not count, so
 * untouched pages need not be read.
 */
export function hashState(cores: readonly CoreState[], memory: Memory): string {
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  const mix = (word: number): void => {
    a = Math.imul(a ^ word, 0x01000193);
    b = Math.imul((b ^ word) + ((a >>> 15) | 0), 0x85ebca6b);
  };
  for (const core of cores) {
    for (const [start, end] of parts) for (let offset = start; offset < end; offset += 4) mix(core.word(offset));
    mix(core.nzcv);
  }
  for (const page of memory.touchedPages()) {
    const words = memory.u32.subarray(page.host >>> 2, (page.host + 4096) >>> 2);
    let any = 0;
    for (let i = 0; i < 1024; i++) any |= words[i] as number;
    if (any === 0) continue;
    mix(page.number);
    // As `mix` does it, in variables of this loop: there is much memory.
    let [c, d] = [a, b];
    for (let i = 0; i < 1024; i++) {
      const word = words[i] as number;
      c = Math.imul(c ^ word, 0x01000193);
      d = Math.imul((d ^ word) + ((c >>> 15) | 0), 0x85ebca6b);
    }
    [a, b] = [c, d];
  }
  const hex = (n: number): string => (n >>> 0).toString(16).padStart(8, '0');
  return hex(a) + hex(b);
}
