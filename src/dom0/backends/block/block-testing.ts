import { Dom0Bench } from '../../dom0-testing.ts';
import { addDevice, TestGuest } from '../backends-testing.ts';

export interface TestRequest {
  readonly operation: number;
  readonly id?: number;
  readonly sector?: number | bigint;
  /** Reference, first and last sector of each segment. */
  readonly segments?: readonly (readonly [reference: number, first: number, last: number])[];
  /** As many as it says, whatever there are. */
  readonly segmentCount?: number;
}

export interface BlockOptions {
  readonly mode?: 'r' | 'w';
  readonly protocol?: string;
  readonly order?: number;
  readonly front?: Readonly<Record<string, string | number>>;
  /** A file in Dom0. */
  readonly image?: string;
}

/** A front end for a disk of 1 MiB, /disk.img, in Dom0. */
export class TestFrontEnd {
  readonly guest: TestGuest;
  readonly back: string;
  readonly front: string;
  readonly port: number;
  readonly pages: Uint8Array[] = [];
  readonly references: number[] = [];
  readonly #frames: number[] = [];
  readonly #bench: Dom0Bench;
  readonly #entrySize: number;
  readonly #responseSize: number;
  readonly #id: number;
  readonly #slots: number;
  readonly #attach: () => { readonly back: string; readonly front: string };
  readonly #nodes: Readonly<Record<string, string | number>>;
  #produced = 0;
  #consumed = 0;

  constructor(
    bench: Dom0Bench,
    name = 'g',
    { mode = 'w', protocol = 'arm-abi', order, front = {}, image = '/disk.img' }: BlockOptions = {},
  ) {
    this.#bench = bench;
    const { dom0 } = bench;
    if (!dom0.files.exists(image)) dom0.files.write(image, new Uint8Array(2 ** 20));
    this.guest = new TestGuest(bench, name);
    const minor = dom0.blockDevices.attachLoop(image, false);
    const nodes = { mode, dev: 'xvda', 'physical-device': `7:${minor.toString(16)}` };
    this.#attach = () => addDevice(bench, this.guest, 'vbd', 51712, nodes);
    ({ back: this.back, front: this.front } = this.#attach());
    for (let i = 0; i < 2 ** (order ?? 0); i++) {
      const { frame, bytes } = this.guest.page();
      this.pages.push(bytes);
      this.#frames.push(frame);
      this.references.push(this.guest.grant(frame));
    }
    this.#entrySize = protocol === 'x86_32-abi' ? 108 : 112;
    this.#responseSize = protocol === 'x86_32-abi' ? 12 : 16;
    this.#id = protocol === 'x86_32-abi' ? 4 : 8;
    this.#slots = 2 ** Math.floor(Math.log2((this.pages.length * 4096 - 64) / this.#entrySize));
    this.port = this.guest.port();
    bench.run(3);
    const [first] = this.references;
    const rings: [string, number][] =
      order === undefined ? [['ring-ref', first ?? 0]] : this.references.map((ref, i) => [`ring-ref${i}`, ref]);
    this.#nodes = {
      ...Object.fromEntries(rings),
      ...(order === undefined ? {} : { 'ring-page-order': order }),
      'event-channel': this.port,
      protocol,
      ...front,
    };
    this.connect();
  }

  /** Writes where the ring is, as after a start of the guest. */
  connect(): void {
    for (const page of this.pages) page.fill(0);
    this.#produced = 0;
    this.#consumed = 0;
    this.header(4, 1);
    this.header(12, 1);
    this.guest.write('device/vbd/51712', { ...this.#nodes, state: 3 });
    this.#bench.run(3);
    this.guest.write('device/vbd/51712', { state: 4 });
    this.#bench.run(1);
  }

  /** The index behind the last request that was put. */
  get produced(): number {
    return this.#produced;
  }

  /** Grants the pages of the ring, whatever their entries hold. */
  grantRing(): void {
    this.references.forEach((reference, i) => {
      this.guest.setGrant(reference, 1, 0, this.#frames[i] ?? 0);
    });
  }

  /** Lets go of the disk, and connects again. Returns whether the back end is still there for that. */
  reconnect(): boolean {
    for (const state of [5, 6, 1]) {
      this.guest.write('device/vbd/51712', { state });
      this.#bench.run(2);
    }
    if (this.node('state') !== '2') return false;
    this.connect();
    return true;
  }

  /** Gets the disk anew from the toolstack, and connects. */
  reattach(): void {
    const { store, connection } = this.#bench.dom0;
    store.rm(connection, this.back);
    this.#bench.run(2);
    this.#attach();
    this.#bench.run(2);
    this.connect();
  }

  /** A node of the back end's. */
  node(name: string): string | null {
    const { store, connection } = this.#bench.dom0;
    const value = store.read(connection, `${this.back}/${name}`);
    return value.ok ? value.value : null;
  }

  header(offset: number, value: number): void {
    this.#view(0).setUint32(offset, value, true);
  }

  /** Puts a request into the ring, which the back end does not see yet. */
  put({ operation, id = 0, sector = 0, segments = [], segmentCount = segments.length }: TestRequest): void {
    const bytes = new Uint8Array(this.#entrySize);
    const view = new DataView(bytes.buffer);
    view.setUint8(0, operation);
    view.setUint8(1, segmentCount);
    view.setBigUint64(this.#id, BigInt(id), true);
    view.setBigUint64(this.#id + 8, BigInt.asUintN(64, BigInt(sector)), true);
    segments.slice(0, 11).forEach(([reference, first, last], i) => {
      view.setUint32(this.#id + 16 + 8 * i, reference, true);
      view.setUint8(this.#id + 20 + 8 * i, first);
      view.setUint8(this.#id + 21 + 8 * i, last);
    });
    this.putBytes(bytes);
  }

  putBytes(bytes: Uint8Array): void {
    const at = this.#place(this.#produced++);
    for (const [i, byte] of bytes.entries()) {
      const page = this.pages[Math.floor((at + i) / 4096)];
      if (page) page[(at + i) % 4096] = byte;
    }
  }

  /** Shows the back end what has been put, notifies it, and lets the machine run. */
  send(ms = 3): void {
    this.header(0, this.#produced);
    this.guest.notify(this.port);
    this.#bench.run(ms);
  }

  /** The responses that have come since the last call: id, operation and status. */
  responses(): [id: number, operation: number, status: number][] {
    const end = this.#view(0).getUint32(8, true);
    const found: [number, number, number][] = [];
    for (; this.#consumed < end; this.#consumed++) {
      const at = this.#place(this.#consumed);
      const bytes = new Uint8Array(this.#responseSize);
      for (let i = 0; i < bytes.length; i++) bytes[i] = this.pages[Math.floor((at + i) / 4096)]?.[(at + i) % 4096] ?? 0;
      const view = new DataView(bytes.buffer);
      found.push([Number(view.getBigUint64(0, true)), view.getUint8(8), view.getInt16(10, true)]);
    }
    this.header(12, this.#consumed + 1);
    return found;
  }

  /** One request and its response's status. */
  ask(request: TestRequest): number | undefined {
    this.put(request);
    this.send();
    return this.responses()[0]?.[2];
  }

  #place(index: number): number {
    return 64 + (index % this.#slots) * this.#entrySize;
  }

  #view(page: number): DataView {
    const bytes = this.pages[page] ?? new Uint8Array(4096);
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }
}

/** A machine with a booted Dom0. */
export const newBench = (): Dom0Bench => {
  const bench = new Dom0Bench({}, 1);
  bench.run(20);
  return bench;
};
