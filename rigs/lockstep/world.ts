import { Core } from '../../src/a64/layout.ts';
import { systemOperation } from '../../src/a64/system-encoding.ts';
import { updateDebug } from '../../src/arch/debug/debug.ts';
import { Hcr, Mdscr, Sctlr } from '../../src/arch/state/control-bits.ts';
import { setPstate, updateChecks } from '../../src/arch/state/pstate.ts';
import { defined } from '../../src/base/assert.ts';
import { physAddr } from '../../src/base/units.ts';
import type { Cluster } from '../../src/cluster/cluster.ts';
import type { Random } from '../random.ts';
import {
  addImmediate,
  addRegister,
  b,
  bCond,
  Fixed,
  load,
  loadPair,
  move,
  mrs,
  msr,
  store,
  subsImmediate,
  sys,
  tbz,
  ubfx,
} from './encode.ts';

/** The memory map, virtual and physical unless said otherwise. Code that runs at first is in the first 2 MiB. */
export const Place = {
  ram: 0x4000_0000,
  ramSize: 0x40_0000,
  /** Vectors of EL1, then of EL2, each followed by its handler. */
  vectors: 0x4000_0000,
  handlers: 0x4000_1000,
  /** A counter, and behind it where handlers send lost programs: 16 pairs of an address and a PSTATE. */
  restarts: 0x4000_2000,
  /**
   * Changes of the map that handlers make when called: 8 of them, each with the VA and value of a descriptor, a page
   * for TLBI, an ASID.
   */
  services: 0x4000_2800,
  code: 0x4001_0000,
  codePages: 4,
  /** Pages for data, each mapped in its own way. */
  data: 0x4020_0000,
  dataPages: 16,
  /** Two pages of functions, each mapped to one of two out of three physical pages. */
  functions: 0x4021_0000,
  /** Virtual address of the device, unless the MMU is off. */
  deviceVa: 0x4022_0000,
  /** Virtual addresses of the code pages, once more. */
  alias: 0x4041_0000,
  tables: 0x4030_0000,
  tablesSize: 0xc000,
  /** Virtual address of the tables, out of the way of programs. */
  tablesVa: 0x4060_0000,
  device: 0x5000_0000,
} as const;

/** The configuration of a program's world. */
export interface Setting {
  /** Level at which programs begin. */
  readonly level: 1 | 2;
  /** Whether the MMU is off, or code is mapped by pages or by a block of 2 MiB. */
  readonly mapping: 'off' | 'pages' | 'block';
  /** Whether EL1 and EL0 run under stage 2. */
  readonly stage2: boolean;
  /** Whether the performance monitors count. */
  readonly monitored: boolean;
  /** MDSCR_EL1. */
  readonly debug: number;
  /** Whether HCR_EL2.TGE takes exceptions of EL0 to EL2; only where programs begin there. */
  readonly tge: boolean;
  readonly cores: number;
  /** Where stage 1 and stage 2 put the code pages, by number: neighbours may be mapped apart. */
  readonly order1: readonly number[];
  readonly order2: readonly number[];
  /** Whether all data, tables included, are big-endian. */
  readonly bigEndian: boolean;
  /** Whether the top bytes of addresses are ignored. */
  readonly tagged: boolean;
  /** Descriptors of the code, data, functions and alias pages. */
  readonly pages: readonly { readonly va: number; readonly descriptor: bigint }[];
  /** PSTATEs in which lost programs go on. */
  readonly modes: readonly number[];
  readonly services: readonly Service[];
  /** The TLBI that EL1's services execute. */
  readonly invalidation: 'TLBI VAE1IS' | 'TLBI VAAE1IS' | 'TLBI VMALLE1IS';
}

/** A page, or the first 2 MiB, gets another descriptor, and EL1 and EL0 another ASID. */
interface Service {
  readonly va: number;
  /** Where the descriptor lies in the tables. */
  readonly offset: number;
  readonly descriptor: bigint;
  readonly asid: number;
}

const normal = 0x700n;
const device = 0x704n;
const accessed = 0x400n;
const notGlobal = 0x800n;
const valid = 3n;
const noExecute = 3n << 53n;
/** AP: read and write at EL1, at EL0 too; read-only. */
const Permission = { kernel: 0n, user: 0x40n, kernelReadOnly: 0x80n, readOnly: 0xc0n } as const;

/** Where the level 3 descriptor for a VA lies in the tables. */
export const descriptorOffset = (va: number): number => l3Of(va) + ((va >>> 12) & 511) * 8;

const Table = {
  l1: 0,
  l2: 0x1000,
  code: 0x2000,
  data: 0x3000,
  alias: 0x4000,
  self: 0x5000,
  ipa1: 0x8000,
  ipa2: 0x9000,
  ipa3: 0xa000,
  ipaCode: 0xb000,
};
const l3Of = (va: number): number => {
  const table = [Table.code, Table.data, Table.alias][(va >>> 21) & 7];
  return defined(table, 'table');
};

/** The physical address of a virtual one of the program, as the map is at first. */
export const physicalOf = ({ order1, order2 }: Setting, va: number): number => {
  const page = (va - Place.code) >> 12;
  if (page < 0 || page >= Place.codePages) return va;
  return Place.code + 4096 * (order2[order1[page] as number] as number) + (va & 4095);
};

/** Draws a setting. In a `calm` one all data can be read and written. */
export function randomSetting(random: Random, cores: number, calm: boolean): Setting {
  const level = random.oneIn(4) ? 2 : 1;
  const mapping = random.pick(['pages', 'pages', 'pages', 'block', 'block', 'block', 'off'] as const);
  const stage2 = level === 1 && random.oneIn(calm ? 20 : 5);
  const user = level === 1 && random.oneIn(3);
  const monitored = random.oneIn(3);
  const debug = random.oneIn(8) ? random.pick([Mdscr.SS, Mdscr.MDE, Mdscr.SS | Mdscr.KDE]) : 0;
  const tge = level === 2 && random.oneIn(3);
  const order = (apart: boolean): number[] => {
    const pages = Array.from({ length: Place.codePages }, (_, i) => i);
    if (!apart) return pages;
    const [a, b] = [random.below(pages.length), random.below(pages.length)];
    pages[a] = b;
    pages[b] = a;
    return pages;
  };
  const order1 = order(mapping === 'pages' && !random.oneIn(3));
  const order2 = order(stage2 && !random.oneIn(3));
  const pages: { va: number; descriptor: bigint }[] = [];
  const add = (va: number, pa: number, bits: bigint): void => {
    pages.push({ va, descriptor: BigInt(pa) | bits | (random.oneIn(2) ? notGlobal : 0n) });
  };
  const codePermission = (): bigint => {
    if (random.oneIn(6)) return Permission.kernelReadOnly;
    if (random.oneIn(12)) return Permission.readOnly;
    return user ? Permission.user : Permission.kernel;
  };
  for (let i = 0; i < Place.codePages; i++) {
    const pa = Place.code + 4096 * (order1[i] as number);
    const va = Place.code + 4096 * i;
    if (!random.oneIn(40)) add(va, pa, codePermission() | normal | valid);
    add(Place.alias + 4096 * i, pa, (user ? Permission.user : Permission.kernel) | normal | valid);
  }
  for (let i = 0; i < Place.dataPages; i++) {
    const pa = Place.data + 4096 * i;
    const kind = calm ? 19 : random.below(20);
    const access = user || random.oneIn(4) ? Permission.user : Permission.kernel;
    if (i < 2 || kind > 6) add(pa, pa, access | normal | valid | noExecute);
    else if (kind === 0) add(pa, pa, access | device | valid | noExecute);
    else if (kind === 1) add(pa, pa, access | Permission.kernelReadOnly | normal | valid | noExecute);
    else if (kind === 2) add(pa, pa, (access | normal | valid | noExecute) & ~accessed);
    else if (kind === 3) add(pa, Place.data, access | normal | valid | noExecute);
    else if (kind === 4) add(pa, Place.ram + Place.ramSize, access | normal | valid | noExecute);
    // Else nothing is mapped there.
  }
  add(Place.functions, Place.functions, codePermission() | normal | valid);
  add(Place.functions + 4096, Place.functions + 4096 * (1 + random.below(2)), codePermission() | normal | valid);
  add(Place.deviceVa, Place.device, Permission.user | device | valid | noExecute);
  const modes =
    level === 2
      ? [0x009, 0x009, 0x009, 0x005, 0x004, 0x000]
      : user
        ? [0, 0, 0, 0x005]
        : [0x005, 0x005, 0x005, 0x004, 0];
  const invalidation = random.pick(['TLBI VAE1IS', 'TLBI VAAE1IS', 'TLBI VMALLE1IS'] as const);
  // Between a block and its pages only with a TLBI for all of it, and where no other core can see what is in between.
  const splits = level === 1 && cores === 1 && invalidation === 'TLBI VMALLE1IS';
  const services = Array.from({ length: 8 }, (_, i): Service => {
    const asid = random.below(3);
    // The first four are the four ways to map functions.
    const ofFunctions = i < 4;
    if (splits && !ofFunctions && random.oneIn(2)) {
      const descriptor = random.oneIn(2) ? firstBlock : tableAt(Table.code);
      return { va: Place.code, offset: Table.l2, descriptor, asid };
    }
    const page = random.below(Place.codePages);
    const second = i >>> 1;
    const [va, pa] = ofFunctions
      ? [Place.functions + 4096 * second, Place.functions + 4096 * (second + (i & 1))]
      : [Place.code + 4096 * page, Place.code + 4096 * (random.oneIn(2) ? page : random.below(Place.codePages))];
    const descriptor = BigInt(pa) | codePermission() | normal | valid | (random.oneIn(2) ? notGlobal : 0n);
    return { va, offset: descriptorOffset(va), descriptor, asid };
  });
  const bigEndian = random.oneIn(10);
  const tagged = random.oneIn(4);
  return {
    level,
    mapping,
    stage2,
    monitored,
    debug,
    tge,
    cores,
    order1,
    order2,
    bigEndian,
    tagged,
    pages,
    modes,
    services,
    invalidation,
  };
}

/** Writes vectors, handlers, restarts and tables to RAM. */
export function writeWorld(cluster: Cluster, setting: Setting, starts: readonly number[]): void {
  const write = (address: number, words: readonly number[]): void =>
    cluster.ramView(physAddr(address), 4 * words.length).set(new Uint8Array(Uint32Array.from(words).buffer));
  for (const level of [1, 2] as const) {
    const vectors = Place.vectors + 0x800 * (level - 1);
    const handler = Place.handlers + 0x200 * (level - 1);
    const { words, interrupt } = handlerWords(level, setting);
    write(handler, words);
    for (let at = 0; at < 0x800; at += 0x80) {
      const target = handler + ((at >>> 7) & 3 ? interrupt : 0);
      write(vectors + at, [b(target - (vectors + at))]);
    }
  }
  // All words between the blocks lead to one of the blocks.
  for (let page = Place.code; page < Place.code + 4096 * Place.codePages; page += 4096) {
    const start = (at: number): number => starts[(at >>> 2) % starts.length] as number;
    write(
      physicalOf(setting, page),
      Array.from({ length: 1024 }, (_, i) => b(start(page + 4 * i) - page - 4 * i)),
    );
  }
  const restarts = new BigUint64Array(34);
  for (let i = 0; i < 16; i++) {
    restarts[2 * i + 2] = BigInt(starts[i % starts.length] as number);
    restarts[2 * i + 3] = BigInt(setting.modes[i % setting.modes.length] as number);
  }
  writeData(cluster, setting, Place.restarts, restarts);
  const tables = setting.mapping === 'off' ? Place.tables : Place.tablesVa;
  const services = setting.services.flatMap(({ va, offset, descriptor, asid }) => [
    BigInt(tables + offset),
    descriptor,
    BigInt(va >>> 12),
    BigInt(asid),
  ]);
  writeData(cluster, setting, Place.services, BigUint64Array.from(services));
  writeTables(cluster, setting);
}

/** Writes 64-bit values in the byte order of the setting. */
function writeData(cluster: Cluster, { bigEndian }: Setting, address: number, values: BigUint64Array): void {
  const { buffer, byteOffset, byteLength } = cluster.ramView(physAddr(address), values.byteLength);
  const view = new DataView(buffer, byteOffset, byteLength);
  values.forEach((value, i) => {
    view.setBigUint64(8 * i, value, !bigEndian);
  });
}

const tableAt = (table: number): bigint => BigInt(Place.tables + table) | valid;
const firstBlock = BigInt(Place.ram) | normal | 1n;

function writeTables(cluster: Cluster, setting: Setting): void {
  const tables = new BigUint64Array(Place.tablesSize / 8);
  const set = (table: number, index: number, descriptor: bigint): void => {
    tables[table / 8 + index] = descriptor;
  };
  const ram = BigInt(Place.ram);
  set(Table.l1, 1, tableAt(Table.l2));
  set(Table.l2, 0, setting.mapping === 'block' ? firstBlock : tableAt(Table.code));
  set(Table.l2, 1, tableAt(Table.data));
  set(Table.l2, 2, tableAt(Table.alias));
  for (const page of [Place.vectors, Place.handlers, Place.restarts])
    set(Table.code, (page >>> 12) & 511, BigInt(page) | normal | valid);
  set(Table.l2, 3, tableAt(Table.self));
  for (let i = 0; i < Table.ipa1 / 4096; i++)
    set(Table.self, i, BigInt(Place.tables + 4096 * i) | normal | valid | noExecute);
  for (const { va, descriptor } of setting.pages) {
    tables[descriptorOffset(va) / 8] = descriptor;
  }
  // Stage 2: everything in its place, readable and writable, but one page of data that is read-only and one that is not
  // there.
  const s2 = 0x7fcn;
  set(Table.ipa1, 1, tableAt(Table.ipa2));
  for (let i = 0; i < 2; i++) set(Table.ipa2, i, (ram + BigInt(i << 21)) | s2 | 1n);
  if (setting.order2.some((to, page) => to !== page)) set(Table.ipa2, 0, tableAt(Table.ipaCode));
  for (let i = 0; i < 512; i++) set(Table.ipaCode, i, (ram + BigInt(i << 12)) | s2 | valid);
  setting.order2.forEach((to, page) => {
    set(Table.ipaCode, ((Place.code >>> 12) & 511) + page, BigInt(Place.code + 4096 * to) | s2 | valid);
  });
  set(Table.ipa2, 1, tableAt(Table.ipa3));
  set(Table.ipa2, (Place.device - Place.ram) >>> 21, BigInt(Place.device) | 0x4c4n | 1n);
  for (let i = 0; i < 512; i++) set(Table.ipa3, i, (ram + 0x20_0000n + BigInt(i << 12)) | s2 | valid);
  set(Table.ipa3, 5, (ram + 0x20_5000n) | (s2 & ~0x80n) | valid);
  set(Table.ipa3, 6, 0n);
  writeData(cluster, setting, Place.tables, tables);
}

/** Starts a core in its setting, with all exceptions unmasked. */
export function startCore(cluster: Cluster, index: number, setting: Setting, pc: number): void {
  const core = defined(cluster.cores[index], 'core');
  for (const count of [Core.retired, Core.retired + 4, Core.quantum, Core.budget]) core.setWord(count, 0);
  cluster.reset(index, { pc: BigInt(pc), el: setting.level === 2 || setting.stage2 ? 2 : 1, x0: 0n });
  for (const [name, address] of [
    ['VBAR_EL1', Place.vectors],
    ['VBAR_EL2', Place.vectors + 0x800],
    ['TTBR0_EL1', Place.tables + Table.l1],
    ['TTBR0_EL2', Place.tables + Table.l1],
    ['VTTBR_EL2', Place.tables + Table.ipa1],
  ] as const)
    core.setSystem(name, BigInt(address));
  // 39-bit addresses, 4 KiB pages, 40-bit output; nothing under TTBR1.
  const tbi = setting.tagged ? 1n : 0n;
  core.setSystem('TCR_EL1', 25n | (1n << 23n) | (2n << 32n) | (tbi << 37n));
  core.setSystem('TCR_EL2', 25n | (2n << 16n) | (tbi << 20n) | (1n << 31n) | (1n << 23n));
  core.setSystem('VTCR_EL2', 25n | (1n << 6n) | (2n << 16n) | (1n << 31n));
  for (const name of ['MAIR_EL1', 'MAIR_EL2'] as const) core.setSystem(name, 0x04ffn);
  const on = setting.mapping === 'off' ? 0 : Sctlr.M | Sctlr.C | Sctlr.I;
  const user = Sctlr.UCI | Sctlr.UCT | Sctlr.DZE | Sctlr.nTWE | Sctlr.nTWI | Sctlr.UMA;
  const order = setting.bigEndian ? Sctlr.EE : 0;
  core.setSystem('SCTLR_EL1', core.system('SCTLR_EL1') | BigInt(on | user | order | (order && Sctlr.E0E)));
  core.setSystem('SCTLR_EL2', core.system('SCTLR_EL2') | BigInt(on | order));
  core.setSystem('CPACR_EL1', 3n << 20n);
  const control =
    Hcr.RW | (setting.level === 2 ? Hcr.IMO : 0) | (setting.stage2 ? Hcr.VM : 0) | (setting.tge ? Hcr.TGE : 0);
  core.setSystem('HCR_EL2', BigInt(control >>> 0));
  core.setSystem('MDSCR_EL1', BigInt(setting.debug));
  core.setSystem('OSLSR_EL1', 0n);
  core.setSystem('PMCR_EL0', setting.monitored ? 0x41n : 0x40n);
  core.setSystem('PMCNTENSET_EL0', 0x8000_0001n);
  core.setSystem('PMEVTYPER0_EL0', 0x08n);
  core.setSystem('PMUSERENR_EL0', 1n);
  cluster.system.pmu.changed(core);
  const mode = defined(setting.modes[index % setting.modes.length], 'mode');
  setPstate(core, mode);
  updateChecks(core);
  updateDebug(core);
  cluster.mmu.of(core).flushAll();
}

const TPIDR_EL0 = [3, 3, 13, 0, 2] as const;
const TPIDRRO_EL0 = [3, 3, 13, 0, 3] as const;

/**
 * The handler of a level, and the offset in it for interrupts. It skips an instruction that faulted. Where nothing can
 * be executed, in an illegal state and after an interrupt, the program continues at the next restart. A call may ask
 * for a service.
 */
function handlerWords(level: 1 | 2, setting: Setting): { words: number[]; interrupt: number } {
  const op1 = level === 1 ? 0 : 4;
  const TPIDR = [3, op1, 13, 0, level === 1 ? 4 : 2] as const;
  const ESR = [3, op1, 5, 2, 0] as const;
  const ELR = [3, op1, 4, 0, 1] as const;
  const SPSR = [3, op1, 4, 0, 0] as const;
  const TTBR0_EL1 = [3, 0, 2, 0, 0] as const;
  const restart = [
    msr(TPIDR_EL0, 1),
    ...move(0, Place.restarts),
    load(1, 0),
    addImmediate(1, 1, 16),
    // AND x1, x1, #0xf0
    0x927c_0c21,
    store(1, 0),
    addRegister(0, 0, 1),
    loadPair(0, 1, 0, 16),
    msr(ELR, 0),
    msr(SPSR, 1),
    mrs(TPIDR_EL0, 1),
    mrs(TPIDR, 0),
    Fixed.eret,
  ];
  const ack = setting.mapping === 'off' ? Place.device : Place.deviceVa;
  const interrupt = [msr(TPIDR, 0), ...move(0, ack), store(0, 0, 2)];
  const skip = [mrs(ELR, 0), addImmediate(0, 0, 4), msr(ELR, 0), mrs(TPIDR, 0), Fixed.eret];
  const { invalidation } = setting;
  const service = [
    mrs(ESR, 0),
    // EL1 cannot invalidate what EL2 has of the tables that they share.
    level === 1 && setting.level === 2 ? b(4 * 20) : tbz(0, 3, false, 4 * 20),
    msr(TPIDR_EL0, 1),
    msr(TPIDRRO_EL0, 2),
    ubfx(0, 0, 0, 3),
    ...move(1, Place.services),
    // ADD x1, x1, x0, LSL #5
    0x8b00_1421,
    loadPair(0, 2, 1, 0),
    store(2, 0),
    Fixed.dsb,
    loadPair(0, 2, 1, 16),
    level === 1 ? sys(invalidation, systemOperation(invalidation).register ? 0 : 31) : sys('TLBI VAE2IS', 0),
    level === 1 ? Fixed.nop : sys('TLBI ALLE1IS'),
    Fixed.dsb,
    mrs(TTBR0_EL1, 0),
    // BFI x0, x2, #48, #16
    0xb350_3c40,
    msr(TTBR0_EL1, 0),
    Fixed.isb,
    mrs(TPIDR_EL0, 1),
    mrs(TPIDRRO_EL0, 2),
    mrs(TPIDR, 0),
    Fixed.eret,
  ];
  const parts = { skip, interrupt, restart, service };
  const sizeOf = (...names: (keyof typeof parts)[]): number => names.reduce((sum, name) => sum + parts[name].length, 0);
  const sync = [
    msr(TPIDR, 0),
    mrs(ESR, 0),
    ubfx(0, 0, 26, 6),
    // SVC or HVC.
    subsImmediate(31, 0, level === 1 ? 0x15 : 0x16),
    bCond(0, 4 * (6 + sizeOf('skip', 'interrupt', 'restart'))),
    // Illegal execution state; instruction aborts and PC alignment.
    subsImmediate(31, 0, 0x0e),
    bCond(0, 4 * (4 + sizeOf('skip', 'interrupt'))),
    subsImmediate(0, 0, 0x20),
    subsImmediate(31, 0, 2),
    bCond(9, 4 * (1 + sizeOf('skip', 'interrupt'))),
  ];
  return {
    words: [...sync, ...skip, ...interrupt, ...restart, ...service],
    interrupt: 4 * (sync.length + skip.length),
  };
}
