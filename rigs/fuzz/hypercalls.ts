import { assemble } from '../../src/a64/assembler/assemble.ts';
import { assert } from '../../src/base/assert.ts';
import { ProbeKind } from '../../src/base/probe/kinds.ts';
import { cycles } from '../../src/base/units.ts';
import { clockHz, ZynqMp } from '../../src/soc/board/zynqmp.ts';
import { buildDomain } from '../../src/xen/domain/builder.ts';
import type { Domain } from '../../src/xen/domain/domain.ts';
import { ramBanks } from '../../src/xen/domain/guest-layout.ts';
import { resumeDomain, unpauseByToolstack } from '../../src/xen/domain/life.ts';
import { destroyDomain } from '../../src/xen/domain/lifetime.ts';
import { Machine, pageSize } from '../../src/xen/machine/machine.ts';
import { Owner } from '../../src/xen/mm/heap.ts';
import {
  CONSOLEIO,
  DOMID_SELF,
  EVTCHNOP,
  GNTTABOP,
  HVMOP,
  Hypercall,
  hypercallTag,
  SCHEDOP,
  VCPUOP,
  VMASST_CMD,
  XENMEM,
  XENVER,
} from '../../src/xen/public/hypercalls.ts';
import { Xen } from '../../src/xen/xen.ts';
import { Random } from '../random.ts';
import { Coverage } from './coverage.ts';

const MiB = 2 ** 20;
const ram = ramBanks[0].base;
/** Calls between two checks of their effects. */
const batchSize = 500;
/** Bytes of a call: Bytes of a call: X16 and X0-X4. */
const entrySize = 48;
const table = ram + 0x10_0000;
const progress = ram + 0x8000;
/** Memory for the structures that calls point to. */
const structures = { base: ram + 0x11_0000, size: 0x1_0000 };

/** Makes the calls of the table one after the other and counts them. */
const guest = `
        adr     x0, vectors
        msr     vbar_el1, x0
        ldr     x19, =${progress}
again:  ldr     x20, [x19]
        cmp     x20, #${batchSize}
        b.hs    again
        ldr     x21, =${table}
        mov     x22, #${entrySize}
        madd    x21, x20, x22, x21
        ldp     x16, x0, [x21]
        ldp     x1, x2, [x21, #16]
        ldp     x3, x4, [x21, #32]
        add     x20, x20, #1
        str     x20, [x19]
        hvc     #${hypercallTag}
        b       again
        .balign 2048
vectors:
        .rept   16
        b       again
        .balign 128
        .endr
`;

/** What an argument is like: a pointer to a structure, one of a command's numbers, or any number below a limit. */
type Shape = 'structure' | readonly number[] | number;

const one = (numbers: Readonly<Record<string, number>>): readonly number[] => Object.values(numbers);

/** The arguments that let a call get far. */
const shapes: ReadonlyMap<number, readonly Shape[]> = new Map<number, readonly Shape[]>([
  [Hypercall.memory_op, [one(XENMEM), 'structure']],
  [Hypercall.multicall, ['structure', 8]],
  [Hypercall.xen_version, [one(XENVER), 'structure']],
  [Hypercall.console_io, [one(CONSOLEIO), 64, 'structure']],
  [Hypercall.grant_table_op, [one(GNTTABOP), 'structure', 3]],
  [Hypercall.vm_assist, [one(VMASST_CMD), 6]],
  [Hypercall.vcpu_op, [one(VCPUOP), 2, 'structure']],
  [Hypercall.sched_op, [one(SCHEDOP), 'structure']],
  [Hypercall.event_channel_op, [one(EVTCHNOP), 'structure']],
  [Hypercall.hvm_op, [one(HVMOP), 'structure']],
]);
/** All hypercalls, and numbers of none. */
const numbers = [...Object.values(Hypercall), 0, 15, 42, 47, 255, 0x1_0000];
/** Batches of calls by one domain. */
const batchesPerDomain = 4;

const names: ReadonlyMap<number, string> = new Map(Object.entries(Hypercall).map(([name, n]) => [n, name]));

/**
 * Random hypercalls with random structures by one guest beside another. Xen must keep its own rules, nothing of
 * others may change, and all memory must be free again at the end.
 */
export class HypercallFuzz {
  /**
   * `called`, `succeeded`: hypercalls by name, including those of multicalls; `domain`: domains created and
   * destroyed.
   */
  readonly coverage = new Coverage();
  readonly #random: Random;
  readonly #board: ZynqMp;
  readonly #xen: Xen;
  readonly #guest: Uint8Array;

  constructor(readonly seed: number) {
    this.#random = new Random(seed);
    const assembled = assemble(guest, { origin: BigInt(ram) });
    assert(assembled.ok, `the guest assembles: ${assembled.ok || assembled.error[0]?.message}`);
    this.#guest = assembled.value.bytes;
    this.#board = new ZynqMp({
      cores: 1,
      dramSize: 32 * MiB,
      el: 2,
      log: () => {},
      transmit: () => {},
      end: () => assert(false, 'a guest does not end the machine'),
    });
    this.#xen = new Xen(new Machine(this.#board), { commandLine: 'guest_loglvl=none' });
    this.#board.probe.record([ProbeKind.hypercallReturn], {
      record: ({ a: number, high }) => {
        const name = names.get(number & 0x7fff_ffff) ?? 'unknown';
        this.coverage.add('called', name);
        // A result below 0 is a negated error. A preempted call, marked by bit 31, has no result yet.
        if (number >= 0 && (high | 0) >= 0) this.coverage.add('succeeded', name);
      },
    });
    this.#xen.boot();
    this.#runFor(10);
  }

  /** Makes at least `calls` calls. */
  run(calls: number): void {
    const victim = this.#domain();
    for (let done = 0; done < calls; ) {
      const free = this.#xen.heap.freePages;
      const frames = this.#framesOfOthers();
      const before = this.#sum(frames);
      const rogue = this.#domain();
      unpauseByToolstack(this.#xen, rogue);
      // A new domain after some batches: what a domain has broken keeps its later calls from getting far.
      for (let batch = 0; batch < batchesPerDomain && done < calls; batch++, done += batchSize) {
        this.#batch(rogue);
        assert(this.#sum(frames) === before, `seed ${this.seed}, call ${done}: only the caller's own memory changes`);
      }
      while (!destroyDomain(this.#xen, rogue)) this.#runFor(1);
      this.coverage.add('domain', 'destroyed');
      const left = this.#xen.heap.freePages;
      assert(left === free, `seed ${this.seed}, call ${done}: ${free - left} pages are not given back`);
    }
    assert(victim.life === 'alive' && !victim.isShuttingDown, 'the other domain lives');
  }

  #batch(rogue: Domain): void {
    const counter = this.#word(rogue, progress);
    if (counter === null) return;
    if (!this.#fill(rogue)) return;
    const { u32 } = this.#xen.machine;
    u32[counter] = 0;
    for (let ms = 0; ms < 200 && (u32[counter] as number) < batchSize; ms++) {
      this.#runFor(1);
      resumeDomain(this.#xen, rogue);
      for (const { unit, isDown } of rogue.vcpus) if (!isDown) this.#xen.scheduling.unblock(unit);
    }
  }

  /**
   * Writes random calls and structures into the guest's memory. Returns false if the guest has given that memory up.
   */
  #fill(rogue: Domain): boolean {
    const words = this.#random;
    for (let i = 0; i < batchSize; i++) {
      const number = words.pick(numbers);
      const values = [BigInt(number), ...this.#arguments(number)];
      for (const [n, value] of values.entries()) {
        const at = this.#word(rogue, table + i * entrySize + 8 * n);
        if (at === null) return false;
        this.#xen.machine.u32[at] = Number(BigInt.asUintN(32, value));
        this.#xen.machine.u32[at + 1] = Number(BigInt.asUintN(32, value >> 32n));
      }
    }
    for (let offset = 0; offset < structures.size; offset += 4) {
      const at = this.#word(rogue, structures.base + offset);
      if (at === null) return false;
      // Most 64-bit fields hold small numbers.
      const isHigh = (offset & 4) !== 0 && !this.#random.oneIn(4);
      const isTame = offset < structures.size / 2;
      this.#xen.machine.u32[at] = isTame ? this.#tame() : isHigh ? 0 : this.#interesting();
    }
    return true;
  }

  /** X0-X4: a command, then pointers or numbers. */
  #arguments(number: number): bigint[] {
    const random = this.#random;
    const command = random.oneIn(20) ? random.u64() : BigInt(random.below(48));
    const any = (): bigint => (random.oneIn(6) ? this.#pointer() : BigInt(this.#interesting()));
    const shape = shapes.get(number);
    if (shape && random.oneIn(2)) {
      const structure = (): number => structures.base + 64 * random.below(structures.size / 128);
      const likely = shape.map((each) =>
        BigInt(each === 'structure' ? structure() : typeof each === 'number' ? random.below(each) : random.pick(each)),
      );
      return [...likely, 0n, 0n, 0n, 0n].slice(0, 5);
    }
    // multicall's first argument is its list.
    return [
      random.oneIn(8) ? this.#pointer() : command,
      random.oneIn(8) ? any() : this.#pointer(),
      any(),
      any(),
      any(),
    ];
  }

  #pointer(): bigint {
    const random = this.#random;
    switch (random.below(12)) {
      case 0:
        return 0n;
      case 1:
        return random.u64();
      case 2:
        return BigInt(ram + 2 * MiB - random.below(64));
      case 3:
        return BigInt(0x0300_1000 + random.below(0x3000));
      default:
        return BigInt(structures.base + random.below(structures.size));
    }
  }

  /** A word that is often valid: the caller itself, a small number, a frame of its RAM. */
  #tame(): number {
    const random = this.#random;
    return random.pick([DOMID_SELF, DOMID_SELF, 0, 0, 0, 1, random.below(8), ram / pageSize + random.below(512)]);
  }

  /** A word that some field gives a meaning: a small number, a domain, a frame, an address. */
  #interesting(): number {
    const random = this.#random;
    switch (random.below(9)) {
      case 0:
        return random.u32();
      case 1:
        return random.pick([0x7ff0, 0x7ff1, 0x7ff2, 0x7fff, 1, 2, 3]);
      case 2:
        return ram / pageSize + random.below(600);
      case 3:
        return structures.base + random.below(structures.size);
      case 4:
        return 0x3_8000 + random.below(16);
      case 5:
        return 0;
      default:
        return random.below(40);
    }
  }

  /** Builds a paused domain with 2 MiB and the guest. */
  #domain(): Domain {
    const built = buildDomain(this.#xen, {
      config: {
        uuid: new Uint8Array(16),
        maxVcpus: 2,
        maxEventChannelPort: 1023,
        maxGrantFrames: 4,
        maxMaptrackFrames: 4,
        spis: 32,
      },
      memory: 2 * MiB,
      sparePages: 300,
      pieces: [{ address: ram, bytes: this.#guest }],
      entry: ram,
    });
    assert(built.ok, 'there is room for a domain');
    this.coverage.add('domain', 'created');
    return built.value;
  }

  /** Frames in use now: the other domain's, and Xen's own. */
  #framesOfOthers(): number[] {
    const { heap } = this.#xen;
    return Array.from({ length: heap.frames }, (_, mfn) => mfn).filter((mfn) => heap.owner(mfn) !== Owner.none);
  }

  #sum(frames: readonly number[]): number {
    const { machine } = this.#xen;
    let sum = 0;
    for (const mfn of frames) {
      const first = machine.hostPage(mfn) * 1024;
      for (let i = first; i < first + 1024; i++) sum = (Math.imul(sum, 31) + (machine.u32[i] as number)) | 0;
    }
    return sum;
  }

  /** The index, in the machine's words, of the word at a guest address; null if the domain has no memory there. */
  #word(domain: Domain, address: number): number | null {
    const mapping = domain.p2m.lookUp(Math.floor(address / pageSize));
    if (!mapping || this.#xen.heap.owner(mapping.mfn) !== domain.domainId) return null;
    this.#xen.machine.page(mapping.mfn);
    return this.#xen.machine.hostPage(mapping.mfn) * 1024 + ((address % pageSize) >>> 2);
  }

  #runFor(ms: number): void {
    this.#board.cluster.run(cycles(this.#board.events.now + (ms * clockHz) / 1000));
  }
}
