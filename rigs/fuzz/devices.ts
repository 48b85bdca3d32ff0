import { assemble } from '../../src/a64/assembler/assemble.ts';
import { assert, defined } from '../../src/base/assert.ts';
import { ProbeKind } from '../../src/base/probe/kinds.ts';
import { cycles, type PhysAddr, physAddr } from '../../src/base/units.ts';
import { ZynqMp } from '../../src/soc/board/zynqmp.ts';
import { Random } from '../random.ts';
import { Coverage } from './coverage.ts';

/** Accesses between two checks of the devices' states; every other batch is made by a core's loads and stores. */
const batchSize = 1000;
/** The longest pause after a batch, in cycles: a second. */
const longestPause = 1_200_000_000;

/** In on-chip memory, which random DMA transfers hardly reach. */
const base = 0xfffc_0000n;
const tableBase = 0xfffd_0000;
const entrySize = 24;
/** Works through a table of accesses: address, value, and the number of one of eight kinds. A fault is stepped over. */
const guest = `
        adr     x0, vectors
        msr     vbar_el2, x0
        mov     x1, #${tableBase}
        mov     x8, #${batchSize * entrySize}
        add     x8, x1, x8
1:      ldp     x2, x3, [x1]
        ldr     x4, [x1, #16]
        add     x1, x1, #${entrySize}
        adr     x5, 2f
        add     x5, x5, x4, lsl #3
        br      x5
2:      ldrb    w6, [x2]
        b       3f
        ldrh    w6, [x2]
        b       3f
        ldr     w6, [x2]
        b       3f
        ldr     x6, [x2]
        b       3f
        strb    w3, [x2]
        b       3f
        strh    w3, [x2]
        b       3f
        str     w3, [x2]
        b       3f
        str     x3, [x2]
3:      cmp     x1, x8
        b.ne    1b
4:      wfi
        b       4b
        .balign 2048
vectors:
        .skip   512
        mrs     x7, elr_el2
        add     x7, x7, #4
        msr     elr_el2, x7
        eret
        .skip   1520
`;

/**
 * Accesses with random values to random registers of every device of the board, some of them by a core, while time
 * passes. The simulator must keep its own rules, and another board must be able to continue from the devices' states.
 */
export class DeviceFuzz {
  /**
   * `read`, `written`: accesses by device; `register`: registers by device and offset; `changed`: devices found in
   * another state than at power-on; `interrupt`: changes of interrupt lines by number; `dma`: accesses of DMA
   * masters.
   */
  readonly coverage = new Coverage();
  readonly #random: Random;
  readonly #board = makeBoard();
  /** Loads the states of the other board's devices. */
  readonly #spare = makeBoard();
  readonly #image: Uint8Array;
  /** The devices' states at power-on. */
  readonly #fresh: ReadonlyMap<string, string>;

  constructor(readonly seed: number) {
    this.#random = new Random(seed);
    const assembled = assemble(guest, { origin: base });
    assert(assembled.ok, `the guest assembles: ${assembled.ok || assembled.error[0]?.message}`);
    this.#image = assembled.value.bytes;
    this.#fresh = this.#states();
    const { probe, bus } = this.#board;
    const { deviceRead, deviceWrite, dmaRead, dmaWrite, interruptLine } = ProbeKind;
    probe.record([deviceRead, deviceWrite, dmaRead, dmaWrite, interruptLine], {
      record: ({ kind, a, low: address }) => {
        if (kind === interruptLine) this.coverage.add('interrupt', `${a}`);
        else if (kind === dmaRead) this.coverage.add('dma', 'read');
        else if (kind === dmaWrite) this.coverage.add('dma', 'write');
        else {
          const place = bus.occupants.find(({ base, size }) => base <= address && address < base + size);
          if (!place) return;
          const { base, device } = place;
          this.coverage.add(kind === deviceRead ? 'read' : 'written', device.name);
          this.coverage.add('register', `${device.name}+0x${(address - base).toString(16)}`);
        }
      },
    });
  }

  /** Names of the devices that are accessed. */
  get devices(): readonly string[] {
    return this.#board.bus.occupants.map(({ device }) => device.name);
  }

  /**
   * Makes at least this number of accesses. Throws an error with the batch, and what the simulator threw as its cause.
   */
  run(accesses: number): void {
    for (let index = 0; index * batchSize < accesses; index++) {
      this.#random.reset(this.seed, index);
      try {
        if (index % 2 === 0) this.#byBus();
        else this.#byCore();
        this.#pass(this.#random.oneIn(4) ? this.#random.below(longestPause) : this.#random.below(100_000));
        this.#compareStates();
        // Resets keep the board from staying in a state in which everything is set up wrong.
        if (this.#random.oneIn(16)) for (const { device } of this.#board.bus.occupants) device.reset();
      } catch (error) {
        throw new Error(`batch ${index} of seed ${this.seed}`, { cause: error });
      }
    }
  }

  #byBus(): void {
    const { bus } = this.#board;
    for (let i = 0; i < batchSize; i++) {
      const size = this.#random.pick([1, 2, 4, 4] as const);
      const address = this.#address(size);
      if (this.#random.oneIn(2)) {
        const value = defined(bus.read(address, size), 'an answer of a device');
        assert(
          Number.isInteger(value) && value >= 0 && value < 2 ** (8 * size),
          `0x${address.toString(16)} reads ${value} as ${size} bytes`,
        );
      } else assert(bus.write(address, size, this.#value() % 2 ** (8 * size)), 'a device takes a write');
    }
  }

  #byCore(): void {
    const { cluster, events } = this.#board;
    const table = cluster.ramView(physAddr(tableBase), batchSize * entrySize);
    const view = new DataView(table.buffer, table.byteOffset, table.length);
    for (let i = 0; i < batchSize; i++) {
      const sizeLog2 = this.#random.below(4);
      const at = i * entrySize;
      view.setBigUint64(at, BigInt(this.#address(1 << sizeLog2)), true);
      view.setBigUint64(at + 8, (BigInt(this.#value()) << 32n) | BigInt(this.#value()), true);
      view.setBigUint64(at + 16, BigInt(sizeLog2 + 4 * this.#random.below(2)), true);
    }
    cluster.ramChanges(physAddr(tableBase), table.length);
    // A DMA master may have overwritten the guest.
    const image = cluster.ramView(physAddr(Number(base)), this.#image.length);
    image.set(this.#image);
    cluster.ramChanges(physAddr(Number(base)), image.length);
    cluster.reset(0, { pc: base, el: 2, x0: 0n });
    // A watchdog's reset stops the run, but not the guest.
    const end = BigInt(tableBase + batchSize * entrySize);
    const last = events.now + 100 * batchSize;
    while (cluster.cores[0]?.x(1) !== end) {
      cluster.run(cycles(events.now + 1000));
      if (events.now < last) continue;
      assert(
        !image.every((byte, i) => byte === this.#image[i]),
        'the guest comes to its end, unless DMA has written over it',
      );
      return;
    }
  }

  #pass(time: number): void {
    const { cluster, events } = this.#board;
    const until = cycles(events.now + time);
    while (events.now < until && cluster.run(until).reason !== 'idle');
  }

  #compareStates(): void {
    const states = JSON.stringify(this.#board.deviceStates());
    for (const [name, state] of this.#states()) if (state !== this.#fresh.get(name)) this.coverage.add('changed', name);
    this.#spare.loadDeviceStates(JSON.parse(states));
    const others: Readonly<Record<string, unknown>> = this.#spare.deviceStates();
    for (const [name, state] of Object.entries(this.#board.deviceStates()))
      assert(JSON.stringify(others[name]) === JSON.stringify(state), `${name} can continue from its state`);
  }

  #states(): ReadonlyMap<string, string> {
    return new Map(Object.entries(this.#board.deviceStates()).map(([name, state]) => [name, JSON.stringify(state)]));
  }

  /** Mostly in a device's first page, because few have more. */
  #address(size: number): PhysAddr {
    const { base, size: length } = this.#random.pick(this.#board.bus.occupants);
    const range = this.#random.oneIn(8) ? length : Math.min(length, this.#random.pick([0x100, 0x400, 0x1000]));
    return physAddr(base + this.#random.below(range / size) * size);
  }

  /** Single bits, small numbers, common patterns, the watchdogs' keys, and random words. */
  #value(): number {
    const random = this.#random;
    switch (random.below(6)) {
      case 0:
        return 2 ** random.below(32);
      case 1:
        return random.below(16);
      case 2:
        return random.pick([0, 0xffff_ffff, 0x1999]);
      case 3:
        return random.pick([0xab_c000, 0x92_0000]) + random.below(0x1000);
      default:
        return random.u32();
    }
  }
}

function makeBoard(): ZynqMp {
  return new ZynqMp({ cores: 2, dramSize: 0x20_0000, el: 2, log: () => {}, transmit: () => {}, end: () => {} });
}
