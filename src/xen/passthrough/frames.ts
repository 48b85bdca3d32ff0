/** Memory of the board for a guest (docs/xen/passthrough.md). */
import type { Domain } from '../domain/domain.ts';
import { LogLevel, type XenLog } from '../log.ts';
import { P2mType } from '../mm/p2m.ts';
import { Errno } from '../public/errno.ts';
import type { BoardDevices } from './board-devices.ts';

interface FramesHost {
  readonly log: XenLog;
}

const mask64 = 2n ** 64n - 1n;

/** Lets a guest have frames of the board: 0, -EINVAL if the range is none, -EPERM if Dom0 may not hand them on. */
export const permitFrames = ({ frames }: BoardDevices, first: bigint, count: bigint): number => {
  const last = (first + count - 1n) & mask64;
  if (last < first) return -Errno.EINVAL;
  return frames.some(([from, to]) => first >= from && last <= to) ? 0 : -Errno.EPERM;
};

/** The most frames that one call maps. */
const mostFrames = 64;
/** Guest frames end here. */
const guestFrames = 2n ** 28n;

/** Maps permitted frames of the board where the guest wants them: 0 or an error, after which none are mapped. */
export const mapFrames = (host: FramesHost, domain: Domain, gfn: bigint, first: bigint, count: number): number => {
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

const addFrames = ({ log }: FramesHost, domain: Domain, gfn: bigint, mfn: bigint, pages: number): number => {
  const where = `${domain} gfn=${hex(gfn)} mfn=${hex(mfn)} nr=${pages.toString(16)}`;
  log.guestPrintk(`memory_map:add: ${where}`, LogLevel.info);
  const status = fits(gfn, pages)
    ? domain.p2m.map(Number(gfn), pages, Number(mfn), P2mType.mmioDirectDevice)
    : -Errno.EINVAL;
  if (status !== 0) log.guestPrintk(`memory_map:fail: ${where} ret:${status}`, LogLevel.warning);
  return status;
};

const removeFrames = ({ log }: FramesHost, domain: Domain, gfn: bigint, mfn: bigint, pages: number): number => {
  const where = `${domain} gfn=${hex(gfn)} mfn=${hex(mfn)} nr=${pages.toString(16)}`;
  log.guestPrintk(`memory_map:remove: ${where}`, LogLevel.info);
  const status = fits(gfn, pages) ? domain.p2m.unmap(Number(gfn), pages) : -Errno.EINVAL;
  const range = `[${hex(mfn)},${hex(mfn + BigInt(pages - 1))}]`;
  if (status !== 0) log.printk(`memory_map: error ${status} removing ${domain} access to ${range}`);
  return status;
};

const fits = (gfn: bigint, pages: number): boolean => gfn + BigInt(pages) <= guestFrames;
const hex = (frame: bigint): string => frame.toString(16);
