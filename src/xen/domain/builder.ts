/**
 * Builds domains, as libxc does for real toolstacks. Dom0's own start, `xl create`, measurements and tests use it:
 * `buildDomain`, or its steps if time passes between them.
 */
import { defined } from '../../base/assert.ts';
import { err, type Result } from '../../base/result.ts';
import { type Machine, pageSize } from '../machine/machine.ts';
import { maxOrder } from '../mm/heap.ts';
import { Errno } from '../public/errno.ts';
import type { Domain, DomainConfig, VCpu } from './domain.ts';
import { magicBase, magicPages, ramOf } from './guest-layout.ts';
import type { PauseHost } from './life.ts';
import { createDomain, destroyDomain, type LifetimeHost } from './lifetime.ts';

/** Bytes that lie at an intermediate physical address when the domain starts. */
export interface Piece {
  readonly address: number;
  readonly bytes: Uint8Array;
}

export interface DomainPlan {
  readonly config: DomainConfig;
  /** Whether it is Dom0. */
  readonly isPrivileged?: boolean;
  /** Bytes of RAM, from the start of the first bank. */
  readonly memory: number;
  /** Frames that the domain may have beyond its RAM. */
  readonly sparePages?: number;
  readonly pieces: readonly Piece[];
  /** Where vCPU 0 starts. */
  readonly entry: number;
}

/**
 * Makes a domain, gives it memory with the pieces in it, and starts vCPU 0. The domain is paused. An error leaves
 * nothing behind.
 */
export const buildDomain = (host: LifetimeHost, plan: DomainPlan): Result<Domain, Errno> => {
  const { config, isPrivileged = false, memory, sparePages = 0, pieces, entry } = plan;
  const created = createDomain(host, config, { isPrivileged });
  if (!created.ok) return created;
  const domain = created.value;
  domain.maxPages = memory / pageSize + sparePages;
  if (!populateRam(domain, memory, blockOrder)) {
    destroyDomain(host, domain);
    return err(Errno.ENOMEM);
  }
  for (const piece of pieces) place(host.machine, domain, piece);
  startVcpu(host, domain.vcpu(0), BigInt(entry), 0n);
  return created;
};

/** Number of pages of a 2 MiB block, as a power of two. */
const blockOrder = 9;

/** Gives a domain its RAM in the largest blocks that fit; false if there is not enough memory. */
export const populateRam = (domain: Domain, bytes: number, largest = maxOrder): boolean => {
  for (const { base, size } of ramOf(bytes)) {
    let gfn = base / pageSize;
    for (let left = Math.floor(size / pageSize); left > 0; ) {
      const order = [maxOrder, blockOrder, 0].find((o) => o <= largest && left >= 2 ** o && gfn % 2 ** o === 0) ?? 0;
      // Where free memory is fragmented, smaller blocks do.
      const tried = [order, ...(order > blockOrder ? [blockOrder] : []), ...(order > 0 ? [0] : [])];
      const done = tried.find((o) => domain.populate(gfn, o) === 0);
      if (done === undefined) return false;
      gfn += 2 ** done;
      left -= 2 ** done;
    }
  }
  return true;
};

/** Gives a domain the pages that it shares with Dom0's daemons; false if there is not enough memory. */
export const populateMagicPages = (domain: Domain): boolean => {
  for (let page = 0; page < magicPages; page++) if (domain.populate(magicBase / pageSize + page, 0) !== 0) return false;
  return true;
};

/** Copies a piece into the memory of a domain, which must be there. */
export const place = (machine: Machine, domain: Domain, { address, bytes }: Piece): void => {
  for (let at = 0; at < bytes.length; ) {
    const gfn = Math.floor((address + at) / pageSize);
    const offset = (address + at) % pageSize;
    const { mfn } = defined(domain.p2m.lookUp(gfn), `page ${gfn}`);
    const count = Math.min(pageSize - offset, bytes.length - at);
    machine.page(mfn).set(bytes.subarray(at, at + count), offset);
    at += count;
  }
};

/** Starts a vCPU at `entry` with `x0` in X0. Its other registers are as after a reset. */
export const startVcpu = ({ scheduling }: PauseHost, vcpu: VCpu, entry: bigint, x0: bigint): void => {
  vcpu.begin(entry, x0);
  scheduling.setDown(vcpu.unit, false);
};
