/** One ring of a block device, and the requests that it is working on. */
import type { Hasher } from '../../../base/hasher.ts';
import { type Disk, sectorSize } from '../../../soc/storage/disk.ts';
import { type Nanoseconds, nanoseconds } from '../../../xen/time/time.ts';
import type { BoundChannel } from '../../libxl/context.ts';
import { diskTimes, dom0Costs } from '../../os/costs.ts';
import { compute, quietly, Signal, sleep, type Task } from '../../os/task.ts';
import type { GrantedPage } from '../grants.ts';
import type { BackRing } from '../ring.ts';
import { type BackendDevice, LinuxError } from '../xenbus.ts';
import {
  type Layout,
  maxIndirectSegments,
  maxSegments,
  Operation,
  type Request,
  readRequest,
  readSegments,
  type Segment,
  Status,
  sectorsInPage,
  writeResponse,
} from './protocol.ts';

/** The most pages that stay mapped for a ring (xen_blkback.max_persistent_grants). */
const persistentMax = 1056;

/** The disk that the rings of a device share. */
export interface BlockDisk {
  readonly disk: Disk;
  /** How many it had when it was opened: a loop device keeps its size when its file grows, as long as nobody has it look. */
  readonly sectors: number;
  readonly isReadOnly: boolean;
  readonly canDiscard: boolean;
  now(): Nanoseconds;
  /** When the drive will have done a request that it gets now. */
  schedule(work: { readonly pages: number; readonly flushes: boolean }): Nanoseconds;
}

/** A part of a page that is read or written. */
interface Part {
  readonly page: GrantedPage;
  readonly first: number;
  readonly sectors: number;
}

interface Job {
  readonly request: Request;
  readonly kind: 'read' | 'write' | 'discard';
  readonly sector: number;
  readonly sectors: number;
  readonly parts: readonly Part[];
  /** Whether what was written before, or with it, is to be durable. */
  readonly flushes: boolean;
  readonly ready: Nanoseconds;
}

export class BlockQueue {
  private readonly device: BackendDevice;
  private readonly disk: BlockDisk;
  private readonly ring: BackRing;
  private readonly layout: Layout;
  private readonly notify: () => void;
  /** Pages that stay mapped, by reference; null if the guest has not asked for that. */
  private readonly persistent: Map<number, GrantedPage> | null;
  private readonly jobs: Job[] = [];
  private readonly rung = new Signal('blkback');
  private readonly submitted = new Signal('disk');
  private hasRung = true;

  constructor(
    device: BackendDevice,
    disk: BlockDisk,
    {
      ring,
      layout,
      isPersistent,
      notify,
    }: { ring: BackRing; layout: Layout; isPersistent: boolean; notify: BoundChannel['notify'] },
  ) {
    this.device = device;
    this.disk = disk;
    this.ring = ring;
    this.layout = layout;
    this.notify = notify;
    this.persistent = isPersistent ? new Map() : null;
  }

  /** The guest has notified the event channel. */
  rang(): void {
    this.hasRung = true;
    this.rung.raise();
  }

  /** Takes requests from the ring, judges them, and gives them to the disk. */
  *take(): Task<number> {
    const ring = this.ring;
    for (;;) {
      yield* quietly(
        this.rung,
        () => this.hasRung,
        () => this.take(),
      );
      this.hasRung = false;
      do {
        while (ring.waiting > 0) {
          if (ring.waiting + ring.pending > ring.size) {
            const { produced, answered } = ring.indices;
            const difference = (produced - answered) | 0;
            this.device.fail(
              LinuxError.EACCES,
              `Frontend provided bogus ring requests (${produced | 0} - ${answered | 0} = ${difference}). Halting ring processing`,
            );
            return 1;
          }
          const request = readRequest(ring.take(), this.layout);
          yield* compute(dom0Costs.blockRequest);
          const job = this.judge(request);
          if (typeof job === 'number') this.answer(request, job);
          else {
            yield* compute(nanoseconds(job.parts.length * dom0Costs.blockMap));
            this.jobs.push(job);
            this.submitted.raise();
          }
        }
      } while (ring.finalCheck());
    }
  }

  /** The disk: does what it has been given, in order. */
  *work(): Task<number> {
    for (;;) {
      yield* quietly(
        this.submitted,
        () => this.jobs.length > 0,
        () => this.work(),
      );
      const [job] = this.jobs;
      if (!job) continue;
      const wait = job.ready - this.disk.now();
      if (wait > 0) yield* sleep(nanoseconds(wait));
      yield* compute(nanoseconds(job.parts.length * dom0Costs.blockPage));
      this.jobs.shift();
      const status = this.transfer(job) ? Status.okay : Status.error;
      for (const { page } of job.parts) this.letGo(page);
      this.answer(job.request, status);
    }
  }

  fingerprint(hasher: Hasher): void {
    hasher.add(this.ring.state, this.hasRung, this.persistent && [...this.persistent.keys()]);
    for (const { request, kind, sector, parts, ready } of this.jobs) {
      hasher.add(request.id, kind, sector, ready);
      hasher.add(parts.map(({ page, first, sectors }) => [page.handle, first, sectors]));
    }
  }

  private answer(request: Request, status: number): void {
    this.ring.put(writeResponse(request, status, this.layout));
    if (this.ring.push()) this.notify();
  }

  /** What is to be done for a request, with its pages mapped; or the status with which it is refused. */
  private judge(request: Request): Job | number {
    const operation = request.indirect?.operation ?? request.operation;
    switch (operation) {
      case Operation.read:
      case Operation.write:
        return this.judgeTransfer(request, operation);
      case Operation.writeBarrier:
      case Operation.flush:
        return request.indirect ? Status.error : this.judgeTransfer(request, operation);
      case Operation.discard:
        return request.indirect ? Status.error : this.judgeDiscard(request);
      default:
        return Status.notSupported;
    }
  }

  private judgeTransfer(request: Request, operation: number): Job | number {
    const { segmentCount, indirect } = request;
    if (segmentCount === 0 && operation !== Operation.flush) return Status.error;
    if (segmentCount > (indirect ? maxIndirectSegments : maxSegments)) return Status.error;
    const segments = this.segmentsOf(request);
    if (!segments || segments.some(({ first, last }) => last < first || last >= sectorsInPage)) return Status.error;
    const kind = operation === Operation.read ? 'read' : 'write';
    if (kind === 'write' && this.disk.isReadOnly) return Status.error;
    const sectors = segments.reduce((sum, { first, last }) => sum + last - first + 1, 0);
    if (sectors > 0 && !this.has(request.sector, BigInt(sectors))) return Status.error;
    const parts: Part[] = [];
    for (const { reference, first, last } of segments) {
      const page = this.page(reference, kind === 'write');
      if (!page) break;
      parts.push({ page, first, sectors: last - first + 1 });
    }
    if (parts.length < segments.length) {
      for (const { page } of parts) this.letGo(page);
      return Status.error;
    }
    const flushes = operation === Operation.flush || operation === Operation.writeBarrier;
    const ready = this.disk.schedule({ pages: parts.length, flushes });
    return { request, kind, sector: Number(request.sector), sectors, parts, flushes, ready };
  }

  private judgeDiscard(request: Request): Job | number {
    const { sector, discarded } = request;
    if (!this.disk.canDiscard) return Status.notSupported;
    if (this.disk.isReadOnly || !this.has(sector, discarded)) return Status.error;
    const ready = this.disk.schedule({ pages: 0, flushes: false });
    const sectors = Number(discarded);
    return { request, kind: 'discard', sector: Number(sector), sectors, parts: [], flushes: false, ready };
  }

  /** The segments of a request; null if the page that holds them is not granted. */
  private segmentsOf({ segments, segmentCount, indirect }: Request): readonly Segment[] | null {
    if (!indirect) return segments;
    const found: Segment[] = [];
    for (const reference of indirect.pages) {
      const page = this.page(reference, true);
      if (!page) return null;
      found.push(...readSegments(page.bytes, Math.min(segmentCount - found.length, page.bytes.length / 8)));
      this.letGo(page);
    }
    return found;
  }

  private has(sector: bigint, count: bigint): boolean {
    return sector + count <= BigInt(this.disk.sectors);
  }

  /** A page of the guest; null if it does not grant it. */
  private page(reference: number, readOnly: boolean): GrantedPage | null {
    const kept = this.persistent?.get(reference);
    if (kept) return kept;
    // Pages that stay mapped serve reads and writes.
    const page = this.device.map(reference, readOnly && !this.persistent);
    if (typeof page === 'number') return null;
    if (this.persistent && this.persistent.size < persistentMax) this.persistent.set(reference, page);
    return page;
  }

  private letGo(page: GrantedPage): void {
    if (this.persistent?.get(page.reference) !== page) this.device.unmap(page);
  }

  /** Moves the bytes. The disk may have become smaller meanwhile: then it returns false. */
  private transfer({ kind, sector, sectors, parts, flushes }: Job): boolean {
    const { disk } = this.disk;
    if (sector + sectors > disk.sectors && sectors > 0) return false;
    if (kind === 'discard') disk.discard(sector, sectors);
    let at = sector;
    for (const { page, first, sectors: count } of parts) {
      const bytes = kind === 'read' ? page.writable() : page.bytes;
      const range = bytes.subarray(first * sectorSize, (first + count) * sectorSize);
      if (kind === 'read') disk.read(at, range);
      else disk.write(at, range);
      at += count;
    }
    if (flushes) disk.flush();
    return true;
  }
}

/** When a drive is done: requests overlap while it looks for their places, and follow each other on its wires. */
export const driveTime = (
  now: Nanoseconds,
  busyUntil: Nanoseconds,
  { pages, flushes }: { readonly pages: number; readonly flushes: boolean },
): Nanoseconds =>
  nanoseconds(Math.max(now + diskTimes.latency, busyUntil) + pages * diskTimes.page + (flushes ? diskTimes.flush : 0));
