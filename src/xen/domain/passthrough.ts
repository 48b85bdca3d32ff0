/** Interrupts and memory of the board for a guest (docs/xen/passthrough.md). */
import { LogLevel, type XenLog } from '../log.ts';
import { P2mType } from '../mm/p2m.ts';
import { Errno } from '../public/errno.ts';
import type { Domain } from './domain.ts';

interface PassthroughHost {
  readonly log: XenLog;
}

/** First and last number of runs of shared interrupts that the board's tree gives to devices of Dom0. */
const dom0Interrupts: readonly (readonly [first: number, last: number])[] = [
  [46, 52],
  [54, 56],
  [58, 59],
  [67, 81],
  [84, 84],
  [88, 89],
  [91, 91],
  [93, 93],
  [95, 95],
  [97, 97],
  [101, 102],
  [106, 106],
  [109, 116],
  [144, 151],
  [154, 163],
  [165, 165],
];

/** Frames of the devices that the board's tree gives to Dom0: the first, and how many. */
const dom0Devices: readonly (readonly [first: number, count: number])[] = [
  [0xc_0000, 0x8000],
  [0xe_0000, 0x1_0000],
  [0xf_d070, 0x30],
  [0xf_d0c0, 2],
  [0xf_d0e0, 1],
  [0xf_d3d0, 1],
  [0xf_d400, 0x40],
  [0xf_d480, 1],
  [0xf_d4a0, 1],
  [0xf_d4aa, 1],
  [0xf_d4ab, 1],
  [0xf_d4ac, 1],
  [0xf_d4c0, 1],
  [0xf_d4d0, 1],
  [0xf_d500, 1],
  [0xf_d510, 1],
  [0xf_d520, 1],
  [0xf_d530, 1],
  [0xf_d540, 1],
  [0xf_d550, 1],
  [0xf_d560, 1],
  [0xf_d570, 1],
  [0xf_d6e0, 9],
  [0xf_e200, 0x40],
  [0xf_e300, 0x40],
  [0xf_f010, 1],
  [0xf_f020, 1],
  [0xf_f030, 1],
  [0xf_f040, 1],
  [0xf_f050, 1],
  [0xf_f060, 1],
  [0xf_f070, 1],
  [0xf_f0a0, 1],
  [0xf_f0b0, 1],
  [0xf_f0c0, 1],
  [0xf_f0d0, 1],
  [0xf_f0e0, 1],
  [0xf_f0f0, 1],
  [0xf_f100, 1],
  [0xf_f110, 1],
  [0xf_f120, 1],
  [0xf_f130, 1],
  [0xf_f140, 1],
  [0xf_f150, 1],
  [0xf_f160, 1],
  [0xf_f170, 1],
  [0xf_f990, 1],
  [0xf_f9d0, 1],
  [0xf_f9e0, 1],
  [0xf_fa50, 1],
  [0xf_fa60, 1],
  [0xf_fa80, 1],
  [0xf_fa90, 1],
  [0xf_faa0, 1],
  [0xf_fab0, 1],
  [0xf_fac0, 1],
  [0xf_fad0, 1],
  [0xf_fae0, 1],
  [0xf_faf0, 1],
  [0x60_0000, 0x20_0000],
  [0x800_0000, 0x1000],
];

/** Runs of frames that Dom0 may hand on. Xen permits one frame more than a device has. */
const dom0Frames: readonly (readonly [first: bigint, last: bigint])[] = dom0Devices
  .map(([first, count]) => [first, first + count] as const)
  .sort(([a], [b]) => a - b)
  .reduce<[number, number][]>((runs, [first, last]) => {
    const before = runs.at(-1);
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else runs.push([first, last]);
    return runs;
  }, [])
  .map(([first, last]) => [BigInt(first), BigInt(last)]);

/**
 * Gives an interrupt to a guest: always an error, -EPERM where Dom0 does not have it, and -EBUSY where it does, because
 * Xen has routed all of Dom0's interrupts to Dom0.
 */
export const giveInterrupt = ({ log }: PassthroughHost, irq: number): number => {
  if (!dom0Interrupts.some(([first, last]) => irq >= first && irq <= last)) return -Errno.EPERM;
  log.printk(`IRQ ${irq} is already used by domain 0`);
  return -Errno.EBUSY;
};

const mask64 = 2n ** 64n - 1n;

/** Lets a guest have frames of the board: 0, -EINVAL if the range is none, -EPERM if Dom0 may not hand them on. */
export const permitFrames = (first: bigint, count: bigint): number => {
  const last = (first + count - 1n) & mask64;
  if (last < first) return -Errno.EINVAL;
  return dom0Frames.some(([from, to]) => first >= from && last <= to) ? 0 : -Errno.EPERM;
};

/** The most frames that one call maps. */
const mostFrames = 64;
/** Guest frames end here. */
const guestFrames = 2n ** 28n;

/** Maps permitted frames of the board where the guest wants them: 0 or an error, after which none are mapped. */
export const mapFrames = (host: PassthroughHost, domain: Domain, gfn: bigint, first: bigint, count: number): number => {
  const status = inBatches(count, (done, pages) =>
    addFrames(host, domain, gfn + BigInt(done), first + BigInt(done), pages),
  );
  if (status !== 0)
    inBatches(count, (done, pages) => removeFrames(host, domain, gfn + BigInt(done), first + BigInt(done), pages));
  return status;
};

/** Halves the range until Xen takes a part of it, as the tools' library does. Stops at the first error. */
const inBatches = (count: number, work: (done: number, pages: number) => number): number => {
  let batch = count;
  while (batch > mostFrames) batch = Math.floor(batch / 2);
  for (let done = 0; done < count; done += batch) {
    const status = work(done, Math.min(batch, count - done));
    if (status !== 0) return status;
  }
  return 0;
};

const addFrames = ({ log }: PassthroughHost, domain: Domain, gfn: bigint, mfn: bigint, pages: number): number => {
  const where = `${domain} gfn=${hex(gfn)} mfn=${hex(mfn)} nr=${pages.toString(16)}`;
  log.guestPrintk(`memory_map:add: ${where}`, LogLevel.info);
  const status = fits(gfn, pages)
    ? domain.p2m.map(Number(gfn), pages, Number(mfn), P2mType.mmioDirectDevice)
    : -Errno.EINVAL;
  if (status !== 0) log.guestPrintk(`memory_map:fail: ${where} ret:${status}`, LogLevel.warning);
  return status;
};

const removeFrames = ({ log }: PassthroughHost, domain: Domain, gfn: bigint, mfn: bigint, pages: number): number => {
  const where = `${domain} gfn=${hex(gfn)} mfn=${hex(mfn)} nr=${pages.toString(16)}`;
  log.guestPrintk(`memory_map:remove: ${where}`, LogLevel.info);
  const status = fits(gfn, pages) ? domain.p2m.unmap(Number(gfn), pages) : -Errno.EINVAL;
  const range = `[${hex(mfn)},${hex(mfn + BigInt(pages - 1))}]`;
  if (status !== 0) log.printk(`memory_map: error ${status} removing ${domain} access to ${range}`);
  return status;
};

const fits = (gfn: bigint, pages: number): boolean => gfn + BigInt(pages) <= guestFrames;
const hex = (frame: bigint): string => frame.toString(16);
