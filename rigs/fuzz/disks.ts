import { assert } from '../../src/base/assert.ts';
import { newBench, TestFrontEnd } from '../../src/dom0/backends/block/block-testing.ts';
import { maxIndirectSegments, Operation } from '../../src/dom0/backends/block/protocol.ts';
import type { Dom0Bench } from '../../src/dom0/dom0-testing.ts';
import { ReservedGrant } from '../../src/xen/domain/guest-layout.ts';
import { Random } from '../random.ts';
import { Coverage } from './coverage.ts';

/** Entries of a ring of one page. */
const entries = 32;
const entrySize = 112;
/** Pages that the guest grants. */
const granted = 12;
const operations = Object.values(Operation);

/**
 * Random contents of the rings of a virtual disk: requests, indices, grants that are taken back meanwhile, and states.
 * The back end must keep its own rules, answer or disconnect the guest, and let another one go on; when it has
 * disconnected, it maps nothing of the guest.
 */
export class DiskFuzz {
  /**
   * `answered`: responses by operation and status; `connected`: how often the guest connected; `disconnected`: why it was
   * disconnected; `witness`: requests of the other guest.
   */
  readonly coverage = new Coverage();
  readonly #random: Random;
  readonly #bench: Dom0Bench;
  readonly #guest: TestFrontEnd;
  readonly #witness: TestFrontEnd;
  readonly #references: number[];
  readonly #frames: number[];
  /** Pages of the guest that hold the segments of indirect requests. */
  readonly #lists: { readonly reference: number; readonly bytes: Uint8Array }[];
  readonly #witnessPage: { readonly reference: number; readonly bytes: Uint8Array };

  constructor(readonly seed: number) {
    this.#random = new Random(seed);
    this.#bench = newBench();
    const { files } = this.#bench.dom0;
    files.write('/disk.img', new Uint8Array(2 ** 20));
    this.#guest = new TestFrontEnd(this.#bench, 'guest', { front: { 'feature-persistent': seed % 2 } });
    files.write('/other.img', new Uint8Array(2 ** 16).fill(7));
    this.#witness = new TestFrontEnd(this.#bench, 'witness', { image: '/other.img' });
    const { guest } = this.#guest;
    const pages = Array.from({ length: granted }, () => guest.page());
    this.#frames = pages.map(({ frame }) => frame);
    this.#references = this.#frames.map((frame, i) => guest.grant(frame, i === 0));
    this.#lists = Array.from({ length: 2 }, () => {
      const { frame, bytes } = guest.page();
      return { reference: guest.grant(frame), bytes };
    });
    const page = this.#witness.guest.page();
    this.#witnessPage = { reference: this.#witness.guest.grant(page.frame), bytes: page.bytes };
    this.coverage.add('connected', 'first');
  }

  /** Puts at least this number of requests. Throws an error with the round, and what the simulator threw as its cause. */
  run(requests: number): void {
    for (let done = 0, round = 0; done < requests; round++) {
      this.#random.reset(this.seed, round);
      try {
        done += this.#round();
        if (round % 64 === 0) this.#askWitness();
      } catch (error) {
        throw new Error(`round ${round} of seed ${this.seed}`, { cause: error });
      }
    }
    this.#askWitness();
    this.#end();
  }

  /** Fills the ring, shows some of it, and lets time pass. Returns the number of requests. */
  #round(): number {
    const random = this.#random;
    const end = this.#guest;
    const { guest } = end;
    const count = 1 + random.below(entries);
    for (const list of this.#lists) if (random.oneIn(4)) this.#fill(list.bytes, 0, list.bytes.length / 8, 400);
    for (let i = 0; i < count; i++) end.putBytes(this.#request());
    // Indices of events, which are the guest's to set, and bytes that mean nothing.
    if (random.oneIn(8)) end.header(random.pick([4, 12, 16, 60]), random.u32());
    end.header(0, random.oneIn(64) ? random.u32() : end.produced);
    guest.notify(end.port);
    this.#bench.run(random.below(8) / 8);
    if (random.oneIn(3)) this.#changeGrant();
    if (random.oneIn(32)) guest.write('device/vbd/51712', this.#nodes());
    this.#bench.run(random.below(4));
    const isSpoilt = random.oneIn(64);
    // The index of responses is the back end's; who overwrites it cannot find them any more.
    if (isSpoilt) end.header(8, random.u32());
    else
      for (const [, operation, status] of end.responses())
        this.coverage.add('answered', `${operation <= 6 ? operation : 'other'}:${status}`);
    if (isSpoilt) this.#bench.run(random.below(4));
    if (isSpoilt || end.node('state') !== '4' || random.oneIn(16)) this.#reconnect();
    return count;
  }

  #reconnect(): void {
    const end = this.#guest;
    this.coverage.add('disconnected', end.node('state') ?? 'gone');
    for (const [i, frame] of this.#frames.entries())
      end.guest.setGrant(this.#references[i] ?? 0, i === 0 ? 5 : 1, 0, frame);
    const isThere = end.reconnect();
    // A guest whose state cannot be read has lost the device, as under Linux.
    if (!isThere) end.reattach();
    this.coverage.add('connected', isThere ? 'again' : 'anew');
    const state = end.node('state');
    assert(state === '4', `a guest that behaves is connected again, not in state ${state}`);
  }

  /** A request of random bytes, in which mostly some fields make sense. */
  #request(): Uint8Array {
    const random = this.#random;
    const bytes = new Uint8Array(entrySize);
    const view = new DataView(bytes.buffer);
    for (let at = 0; at < entrySize; at += 4) view.setUint32(at, random.u32(), true);
    if (random.oneIn(8)) return bytes;
    const operation = random.pick(operations);
    view.setUint8(0, operation);
    view.setBigUint64(16, random.oneIn(8) ? random.u64() : BigInt(random.below(2100)), true);
    if (operation === Operation.indirect) {
      view.setUint8(1, random.oneIn(4) ? random.pick(operations) : random.below(2));
      view.setUint16(2, random.below(random.oneIn(4) ? maxIndirectSegments + 3 : 40), true);
      view.setUint32(28, random.oneIn(8) ? random.u32() : random.pick(this.#lists).reference, true);
      return bytes;
    }
    if (operation === Operation.discard) {
      view.setBigUint64(24, random.oneIn(4) ? random.u64() : BigInt(random.below(100)), true);
      return bytes;
    }
    view.setUint8(1, random.below(13));
    this.#fill(bytes, 24, 11, 32);
    return bytes;
  }

  /** Segments, most of which are granted and lie in their pages: one in `rarity` is not. */
  #fill(bytes: Uint8Array, from: number, count: number, rarity: number): void {
    const random = this.#random;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = from; at < from + 8 * count; at += 8) {
      view.setUint32(at, random.oneIn(rarity) ? random.u32() : random.pick(this.#references), true);
      const first = random.below(8);
      view.setUint8(at + 4, random.oneIn(2 * rarity) ? random.below(256) : first);
      view.setUint8(at + 5, random.oneIn(2 * rarity) ? random.below(256) : first + random.below(8 - first));
    }
  }

  /** Takes a grant back, or grants something else: another page, one that is not there, or another domain. */
  #changeGrant(): void {
    const random = this.#random;
    const reference = random.pick([...this.#references, ...this.#guest.references]);
    const frame = random.oneIn(4) ? random.u32() : random.pick(this.#frames);
    this.#guest.guest.setGrant(reference, random.below(8), random.oneIn(4) ? random.below(0x10000) : 0, frame);
    if (this.#guest.references.includes(reference)) this.#guest.grantRing();
  }

  #nodes(): Readonly<Record<string, string | number>> {
    const random = this.#random;
    return {
      [random.pick(['ring-ref', 'event-channel', 'protocol', 'feature-persistent'])]: random.pick([0, 1, -1, 'x', 9]),
      state: random.pick([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, -1, 'x', '']),
    };
  }

  /** The other guest reads what is on its disk. */
  #askWitness(): void {
    const { reference, bytes } = this.#witnessPage;
    bytes.fill(0);
    const status = this.#witness.ask({ operation: Operation.read, sector: 8, segments: [[reference, 0, 7]] });
    assert(status === 0, `the other guest's request ends with 0, not ${status}`);
    assert(
      bytes.every((byte) => byte === 7),
      'the other guest reads what is on its disk',
    );
    this.coverage.add('witness', 'answered');
  }

  /** After both have closed, nothing of the disks is mapped. */
  #end(): void {
    const { xen } = this.#bench;
    for (const end of [this.#guest, this.#witness]) {
      end.guest.write('device/vbd/51712', { state: 6 });
      this.#bench.run(5);
    }
    // Its daemons keep the pages of console and xenstore.
    const kept: readonly number[] = Object.values(ReservedGrant);
    for (const { reference } of xen.domains.get(0)?.grants.mappings.values() ?? [])
      assert(kept.includes(reference), 'Dom0 maps no page of the disks when the guests have closed');
    for (const end of [this.#guest, this.#witness]) end.reattach();
  }
}
