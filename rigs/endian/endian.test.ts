import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Core } from '../../src/a64/layout.ts';
import { Pstate, Sctlr } from '../../src/arch/state/control-bits.ts';
import { setPstate, updateChecks } from '../../src/arch/state/pstate.ts';
import { defined } from '../../src/base/assert.ts';
import { Events } from '../../src/base/events.ts';
import { cycles, physAddr } from '../../src/base/units.ts';
import { Cluster } from '../../src/cluster/cluster.ts';

/**
 * Loads and stores of all forms with big-endian data, and with little-endian data where another level's are big-endian,
 * compared with QEMU's Cortex-A53: `node scripts/bare-metal.mjs endian` records recorded.txt. Each of its lines is
 * `level EE E0E offset word word hash`, and ESR if the instructions took an exception; rigs/endian/main.c makes the
 * same state.
 */

const code = 0x4000_0000;
const data = 0x4040_0000;
const base = data + 0x1000;
const area = { start: data + 0xf00, size: 0x300 };
const tables = code + 0x10_0000;
const vectors = code + 0x2000;
const svc = 0xd400_eee1;
const here = 0x1400_0000;
const mask64 = 0xffff_ffff_ffff_ffffn;

const cluster = new Cluster({
  cores: 1,
  ram: [{ base: physAddr(code), size: 0x60_0000 }],
  bus: { read: () => null, write: () => false },
  events: new Events(),
  clockHz: 1_200_000_000,
});
const core = defined(cluster.cores[0], 'core');

const bytes = (address: number, length: number): DataView => {
  const { buffer, byteOffset } = cluster.ramView(physAddr(address), length);
  return new DataView(buffer, byteOffset, length);
};

interface Setting {
  readonly level: number;
  /** SCTLR_ELx.EE and E0E. */
  readonly big: boolean;
  readonly big0: boolean;
  readonly offset: number;
}

/** Runs two instructions as main.c does; gives the hash, and ESR after an exception. */
function outcome({ level, big, big0, offset }: Setting, words: readonly number[]): string {
  const program = bytes(code, 16);
  for (const [i, word] of [...words, svc, here].entries()) program.setUint32(4 * i, word, true);
  for (let at = 0; at < 0x800; at += 0x80) bytes(vectors + at, 4).setUint32(0, here, true);
  for (const [at, descriptor] of [
    [8, BigInt(tables + 0x1000) | 3n],
    [0x1000, BigInt(code) | 0x7c1n],
    [0x1010, BigInt(data) | 0x741n],
  ] as const)
    bytes(tables + at, 8).setBigUint64(0, descriptor, !big);
  const memory = cluster.ramView(physAddr(area.start), area.size);
  memory.forEach((_, i) => {
    memory[i] = i * 7 + (i >> 8);
  });
  cluster.ramChanges(physAddr(code), 4096);

  cluster.reset(0, { pc: BigInt(code), el: 2, x0: 0n });
  for (let i = 0; i < 8; i++) {
    core.setX(i, (0x0123_4567_89ab_cdefn * BigInt(2 * i + 1)) & mask64);
    for (const half of [0, 1])
      core.setLong(Core.v + 16 * i + 8 * half, (0xfedc_ba98_7654_3210n * BigInt(4 * i + 2 * half + 1)) & mask64);
  }
  core.setX(0, BigInt(base + offset));
  const order = (big ? Sctlr.EE : 0) | (big0 ? Sctlr.E0E : 0);
  core.setSystem('SCTLR_EL1', BigInt(0x30d0_0800 | Sctlr.M | Sctlr.DZE | order));
  core.setSystem('SCTLR_EL2', BigInt(0x30c5_0830 | (level === 2 ? Sctlr.M | (order & Sctlr.EE) : 0)));
  for (const name of ['TTBR0_EL1', 'TTBR0_EL2'] as const) core.setSystem(name, BigInt(tables));
  core.setSystem('TCR_EL1', 25n | (2n << 32n));
  core.setSystem('TCR_EL2', 25n | (2n << 16n) | (1n << 31n) | (1n << 23n));
  for (const name of ['MAIR_EL1', 'MAIR_EL2'] as const) core.setSystem(name, 0xffn);
  for (const name of ['VBAR_EL1', 'VBAR_EL2'] as const) core.setSystem(name, BigInt(vectors));
  core.setSystem('CPACR_EL1', 3n << 20n);
  setPstate(core, Pstate.daif | (level === 0 ? 0 : (level << Pstate.elShift) | Pstate.sp));
  updateChecks(core);
  cluster.mmu.of(core).flushAll();
  cluster.run(cycles(cluster.now + 5));

  let hash = 0x811c_9dc5;
  const add = (view: Uint8Array): void => {
    for (const byte of view) hash = Math.imul(hash ^ byte, 0x0100_0193);
  };
  add(core.memory.u8.subarray(core.base + Core.x, core.base + Core.x + 64));
  add(core.memory.u8.subarray(core.base + Core.v, core.base + Core.v + 128));
  add(memory);
  const esr = core.systemLow(level === 2 ? 'ESR_EL2' : 'ESR_EL1');
  return (hash >>> 0).toString(16) + (esr >>> 0 === 0x5600_0777 ? '' : ` ${withoutIsv(esr)}`);
}

/** QEMU 7.2 sets ISV and its fields in ESR_EL2 for faults of EL2's own stage 1 too, where the Arm ARM has 0. */
const withoutIsv = (esr: number): string => (((esr & (1 << 24)) !== 0 ? esr & ~0x01ff_c000 : esr) >>> 0).toString(16);

test('loads and stores in either byte order behave as on QEMU’s Cortex-A53', () => {
  const differences: string[] = [];
  let tests = 0;
  for (const line of readFileSync(new URL('recorded.txt', import.meta.url), 'utf8').split('\n')) {
    if (line.startsWith('#') || line === '') continue;
    const [level, ee, e0e, offset = '', first = '', second = '', hash, esr] = line.split(' ');
    const distance = (Number.parseInt(offset, 16) << 20) >> 20;
    const words = [first, second].map((word) => Number.parseInt(word, 16));
    const ours = outcome({ level: Number(level), big: ee === '1', big0: e0e === '1', offset: distance }, words);
    const theirs = hash + (esr === undefined ? '' : ` ${withoutIsv(Number.parseInt(esr, 16))}`);
    if (ours !== theirs) differences.push(`${line}: ${ours}`);
    tests++;
  }
  expect(differences).toEqual([]);
  expect(tests).toBeGreaterThan(2500);
}, 60_000);
