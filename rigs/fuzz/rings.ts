import { assert } from '../../src/base/assert.ts';
import { TestGuest } from '../../src/dom0/backends/backends-testing.ts';
import { type GrantedPage, Grants } from '../../src/dom0/backends/grants.ts';
import { Credit } from '../../src/dom0/backends/net/credit.ts';
import { rxEntrySize, txEntrySize } from '../../src/dom0/backends/net/netif.ts';
import { Receiver } from '../../src/dom0/backends/net/receive.ts';
import { Transmitter } from '../../src/dom0/backends/net/transmit.ts';
import { BackRing } from '../../src/dom0/backends/ring.ts';
import { Dom0Bench } from '../../src/dom0/dom0-testing.ts';
import type { Frame } from '../../src/soc/net/frame.ts';
import { GrantStatus } from '../../src/xen/mm/grant-table.ts';
import { nanoseconds } from '../../src/xen/time/time.ts';
import { Random } from '../random.ts';
import { Coverage } from './coverage.ts';

/** Pages that the guest grants, some only for reading; further references are of nothing, or of another's pages. */
const granted = 16;
const firstReference = 8;
const maxFrame = 65535;

/**
 * Random contents of network rings, by a guest beside another one. A back end must end each packet with an answer or
 * cut the guest off, keep no page, and write nowhere but into pages that are granted to it.
 */
export class RingFuzz {
  /** `transmit`: how packets ended, and why guests were cut off; `receive`: frames that were taken in. */
  readonly coverage = new Coverage();
  readonly #random: Random;
  readonly #grants: Grants;
  readonly #guest: TestGuest;
  readonly #other: TestGuest;
  readonly #otherPage: Uint8Array;
  readonly #ring: GrantedPage;

  constructor(readonly seed: number) {
    this.#random = new Random(seed);
    const bench = new Dom0Bench({}, 1);
    bench.run(20);
    this.#guest = new TestGuest(bench, 'rogue');
    this.#other = new TestGuest(bench, 'other');
    this.#grants = new Grants(bench.xen);
    for (let i = 0; i < granted; i++) this.#guest.grant(this.#guest.page().frame, i % 4 === 3);
    const other = this.#other.page();
    this.#other.grant(other.frame);
    this.#otherPage = other.bytes.fill(0x5a);
    const ring = this.#guest.page();
    const mapped = this.#grants.map(this.#guest.domid, this.#guest.grant(ring.frame));
    assert(typeof mapped !== 'number', 'the ring is mapped');
    this.#ring = mapped;
  }

  run(rings: number): void {
    for (let done = 0; done < rings; done++) {
      if (done % 2 === 0) this.#transmit();
      else this.#receive();
      if (done % 1000 !== 0) continue;
      for (let i = 0; i < granted; i++)
        assert(
          (this.#guest.flagsOf(firstReference + i) & 0x18) === 0,
          `seed ${this.seed}, ring ${done}: no page is kept`,
        );
      assert(
        this.#otherPage.every((byte) => byte === 0x5a),
        `seed ${this.seed}, ring ${done}: nothing of others changes`,
      );
    }
  }

  #transmit(): void {
    const { domid } = this.#guest;
    const ring = this.#fill(txEntrySize, (view, at) => {
      const extra = this.#random.below(8) | (this.#random.below(2) << 8) | (this.#random.below(1500) << 16);
      view.setUint32(at, this.#random.oneIn(4) ? extra : this.#reference(), true);
      view.setUint16(at + 4, this.#random.oneIn(50) ? this.#random.below(0x1_0000) : this.#random.below(512), true);
      view.setUint16(at + 6, this.#random.oneIn(200) ? this.#random.below(16) : this.#random.pick(usualFlags), true);
      view.setUint16(at + 8, this.#random.below(256), true);
      view.setUint16(at + 10, this.#random.oneIn(50) ? this.#random.below(0x1_0000) : this.#random.below(3000), true);
    });
    let sent = 0;
    const transmitter = new Transmitter(ring, new Credit(null, () => nanoseconds(0)), {
      copyFrom: (reference, offset, into) => this.#grants.copyFrom(domid, reference, offset, into) === GrantStatus.okay,
      send: ({ bytes, offload }) => {
        assert(bytes.length >= 14 && bytes.length <= maxFrame, `a frame of ${bytes.length} bytes`);
        assert(!offload?.segmentation || offload.segmentation.size > 0, 'segments have a size');
        sent++;
      },
      filter: (change) => {
        this.coverage.add('transmit', `${change} group`);
        return change === 'remove' || this.#random.oneIn(2);
      },
    });
    const waiting = ring.waiting;
    for (let turn = 0; turn < 300 && transmitter.hasWork; turn++) transmitter.take(1);
    const { malice } = transmitter;
    this.coverage.add('transmit', malice === null ? 'all taken' : malice.replaceAll(/\d+/g, 'N'));
    for (let i = 0; i < sent; i++) this.coverage.add('transmit', 'frame');
    if (malice === null) {
      assert(ring.pending === 0 && ring.waiting === 0, 'each request has an answer');
      assert(waiting <= ring.size, 'a ring has no more requests than entries');
    }
  }

  #receive(): void {
    const { domid } = this.#guest;
    const ring = this.#fill(rxEntrySize, (view, at) => {
      view.setUint16(at, this.#random.below(256), true);
      view.setUint32(at + 4, this.#reference(), true);
    });
    const receiver = new Receiver(ring, {
      now: () => nanoseconds(0),
      copyTo: (reference, offset, from) => this.#grants.copyTo(domid, reference, offset, from) === GrantStatus.okay,
      given: ({ bytes }, pages) => assert(pages * 4096 >= bytes.length, 'a frame fits into its pages'),
    });
    receiver.headroom = this.#random.oneIn(4) ? this.#random.below(2048) : 0;
    const frames = 1 + this.#random.below(8);
    for (let i = 0; i < frames; i++) receiver.put(this.#frame());
    for (let turn = 0; turn < 10 && receiver.hasWork; turn++) receiver.give(2);
    for (let i = 0; i < receiver.packets; i++) this.coverage.add('receive', 'frame');
    this.coverage.add('receive', receiver.packets < frames ? 'no room' : 'all given');
    assert(ring.pending === 0, 'each page that was taken has an answer');
  }

  /** A ring with random entries and indices, from where an earlier back end has stopped. */
  #fill(entrySize: number, entry: (view: DataView, at: number) => void): BackRing {
    const bytes = this.#ring.writable();
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const start = this.#random.oneIn(4) ? this.#random.u32() : 0;
    const count = this.#random.oneIn(100) ? this.#random.u32() : this.#random.below(40);
    for (const at of [0, 4, 8, 12]) view.setUint32(at, start, true);
    view.setUint32(0, start + count, true);
    if (this.#random.oneIn(3)) view.setUint32(12, this.#random.u32(), true);
    const ring = new BackRing([this.#ring], entrySize);
    for (let i = 0; i < Math.min(count, ring.size); i++)
      entry(view, 64 + (((start + i) >>> 0) % ring.size) * entrySize);
    return ring;
  }

  #reference(): number {
    const random = this.#random;
    if (random.oneIn(100)) return random.u32();
    return firstReference + random.below(granted + 2);
  }

  #frame(): Frame {
    const random = this.#random;
    const bytes = new Uint8Array(14 + random.below(random.oneIn(3) ? maxFrame - 14 : 1500));
    if (random.oneIn(2)) return { bytes, offload: null };
    const kind = random.pick(['tcp4', 'tcp6'] as const);
    const segmentation = random.oneIn(2) ? { kind, size: 1 + random.below(1500) } : null;
    return { bytes, offload: { isChecksumBlank: true, segmentation } };
  }
}

/** Mostly packets of one slot; of several, with extras, and with a checksum to be filled in. */
const usualFlags = [0, 0, 0, 1, 2, 3, 4, 4, 8, 9];
