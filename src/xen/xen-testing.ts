import { assemble } from '../a64/assembler/assemble.ts';
import { defined } from '../base/assert.ts';
import { type Cycles, cycles } from '../base/units.ts';
import { clockHz, ZynqMp } from '../soc/board/zynqmp.ts';
import { buildDomain, place } from './domain/builder.ts';
import type { Domain } from './domain/domain.ts';
import { ramBanks } from './domain/guest-layout.ts';
import { unpauseByToolstack } from './domain/life.ts';
import { Machine, pageSize } from './machine/machine.ts';
import { Xen, type XenOptions } from './xen.ts';

const MiB = 2 ** 20;

export interface GuestOptions {
  readonly vcpus?: number;
  readonly memoryMiB?: number;
  readonly isPrivileged?: boolean;
  /** Shared interrupts of its virtual GIC. */
  readonly spis?: number;
  /** Whether it stays paused. */
  readonly paused?: boolean;
  /** Whether it does without what ARMv8 has for guests. */
  readonly unaccelerated?: boolean;
}

/** For tests: a machine with Xen on it, and guests from assembler sources. */
export class XenBench {
  /** The output of the serial line. */
  serial = '';
  /** The lines of the machine's log. */
  readonly logged: string[] = [];
  end: string | null = null;
  readonly board: ZynqMp;
  readonly xen: Xen;

  constructor(options: XenOptions & { readonly cpus?: number; readonly dramMiB?: number } = {}) {
    this.board = new ZynqMp({
      cores: options.cpus ?? 1,
      dramSize: (options.dramMiB ?? 64) * MiB,
      el: 2,
      log: (source, text) => this.logged.push(`${source}: ${text}`),
      transmit: (_, byte) => {
        this.serial += String.fromCharCode(byte);
      },
      end: (how) => {
        this.end = how;
      },
    });
    this.xen = new Xen(new Machine(this.board), { commandLine: 'loglvl=all guest_loglvl=all', ...options });
    this.xen.boot();
    this.run(6);
  }

  /** Runs the machine for a time in milliseconds. */
  run(ms: number): void {
    this.board.cluster.run(this.at(ms));
  }

  /** The time that is a number of milliseconds from now. */
  at(ms: number): Cycles {
    return cycles(this.board.events.now + (ms * clockHz) / 1000);
  }

  /** Makes a domain with the machine code of `source` at the start of its RAM, where vCPU 0 starts. */
  guest(source: string, options: GuestOptions = {}): Domain {
    const { vcpus = 1, memoryMiB = 2, isPrivileged = false, spis = 32, paused = false, unaccelerated } = options;
    const address = ramBanks[0].base;
    const built = buildDomain(this.xen, {
      config: {
        uuid: new Uint8Array(16),
        maxVcpus: vcpus,
        maxEventChannelPort: 1023,
        maxGrantFrames: 4,
        maxMaptrackFrames: 4,
        spis,
        ...(unaccelerated && { unaccelerated }),
      },
      isPrivileged,
      memory: memoryMiB * MiB,
      pieces: [{ address, bytes: machineCode(source, address) }],
      entry: address,
    });
    if (!built.ok) throw new Error(`no domain: ${built.error}`);
    const domain = built.value;
    if (!paused) this.go(domain);
    return domain;
  }

  /** Unpauses a domain. */
  go(domain: Domain): void {
    unpauseByToolstack(this.xen, domain);
  }

  /** Puts the machine code of a source at an address of a domain. */
  load(domain: Domain, address: number, source: string): void {
    place(this.xen.machine, domain, { address, bytes: machineCode(source, address) });
  }

  /** A 64-bit word of a domain. */
  peek(domain: Domain, address: number): bigint {
    const { mfn } = defined(domain.p2m.lookUp(Math.floor(address / pageSize)), 'guest memory');
    const host = this.xen.machine.hostPage(mfn) * pageSize + (address % pageSize);
    return defined(this.board.cluster.memory.u64[host >>> 3], 'word');
  }

  /** Writes 32-bit words into the memory of a domain. */
  poke(domain: Domain, address: number, ...words: readonly number[]): void {
    words.forEach((word, i) => {
      const at = address + 4 * i;
      const { mfn } = defined(domain.p2m.lookUp(Math.floor(at / pageSize)), 'guest memory');
      this.xen.machine.page(mfn);
      this.xen.machine.u32[(this.xen.machine.hostPage(mfn) * pageSize + (at % pageSize)) >>> 2] = word;
    });
  }
}

const machineCode = (source: string, address: number): Uint8Array => {
  const assembly = assemble(source, { origin: BigInt(address) });
  if (!assembly.ok) throw new Error(JSON.stringify(assembly.error));
  return assembly.value.bytes;
};
