/**
 * xl dump-core: a domain's memory and registers as an ELF file, in Xen's dump-core format 0.1
 * (docs/misc/dump-core-format.txt; tools/libs/ctrl/xc_core.c). It has sections and no segments.
 */

import type { Domain, VCpu } from '../../xen/domain/domain.ts';
import { isOffCpus, pauseByToolstack, unpauseByToolstack } from '../../xen/domain/life.ts';
import { pageSize } from '../../xen/machine/machine.ts';
import { P2mType } from '../../xen/mm/p2m.ts';
import { PauseFlag } from '../../xen/sched/unit.ts';
import { milliseconds, nanoseconds } from '../../xen/time/time.ts';
import { capabilities, changeset, compileInfo, version } from '../../xen/version.ts';
import { dom0Costs } from '../os/costs.ts';
import { compute, sleep, type Task } from '../os/task.ts';
import type { LibxlContext } from './context.ts';

const encoder = new TextEncoder();

/** Bytes that grow; numbers are little-endian. */
class Bytes {
  private readonly _bytes: number[] = [];

  get length(): number {
    return this._bytes.length;
  }

  word(value: number | bigint, size: 1 | 2 | 4 | 8): this {
    for (let i = 0n; i < size; i++) this._bytes.push(Number((BigInt(value) >> (8n * i)) & 0xffn));
    return this;
  }

  words(size: 1 | 2 | 4 | 8, ...values: readonly (number | bigint)[]): this {
    for (const value of values) this.word(value, size);
    return this;
  }

  /** A text in a field of so many bytes. */
  text(text: string, size: number): this {
    const bytes = encoder.encode(text).subarray(0, size);
    this._bytes.push(...bytes, ...new Array(size - bytes.length).fill(0));
    return this;
  }

  add(...parts: readonly Uint8Array[]): this {
    for (const part of parts) for (const byte of part) this._bytes.push(byte);
    return this;
  }

  get bytes(): Uint8Array {
    return Uint8Array.from(this._bytes);
  }
}

/** A note named Xen (public/elfnote.h, XEN_ELFNOTE_DUMPCORE_*). */
function note(into: Bytes, type: number, description: Uint8Array): void {
  into.words(4, 4, description.length, type).text('Xen', 4).add(description);
}

const Note = { none: 0x0200_0000, header: 0x0200_0001, xenVersion: 0x0200_0002, formatVersion: 0x0200_0003 } as const;
/** XC_CORE_MAGIC_HVM: Xen translates the guest's addresses. */
const magic = 0xf00f_ebee;

function notes(vcpus: number, pages: number): Uint8Array {
  const into = new Bytes();
  note(into, Note.none, new Uint8Array());
  note(into, Note.header, new Bytes().words(8, magic, vcpus, pages, pageSize).bytes);
  const { compiler, by, domain, date } = compileInfo;
  const xen = new Bytes()
    .words(8, version.major, version.minor)
    .text(version.extra, 16)
    .text(compiler, 64)
    .text(by, 16)
    .text(domain, 32)
    .text(date, 32)
    .text(capabilities, 1024)
    .text(changeset, 64)
    // Where Xen begins, as xl info has it in platform_params.
    .words(8, 0x20_0000, pageSize);
  note(into, Note.xenVersion, xen.bytes);
  note(into, Note.formatVersion, new Bytes().words(8, 1).bytes);
  return into.bytes;
}

/** struct vcpu_guest_context (public/arch-arm.h) of a vCPU that is online. */
function vcpuContext({ context }: VCpu): Uint8Array {
  const into = new Bytes().word(1, 8);
  for (let n = 0; n < 31; n++) into.word(context.x(n), 8);
  into.words(8, context.system('ELR_EL2'), context.system('SPSR_EL2'), context.system('SPSR_EL1'));
  into.words(4, 0, 0, 0, 0);
  for (const slot of ['SP_EL0', 'SP_EL1', 'ELR_EL1', 'SCTLR_EL1', 'TCR_EL1', 'TTBR0_EL1', 'TTBR1_EL1'] as const)
    into.word(context.system(slot), 8);
  return into.bytes;
}

/** NT_PRSTATUS: the registers as gdb reads them from a core of Linux for AArch64 (struct elf_prstatus). */
function threadNote(into: Bytes, { id, context }: VCpu): void {
  const pstate = context.system('SPSR_EL2');
  const usesSp0 = (pstate & 1n) === 0n;
  into.words(4, 5, 392, 1).text('CORE', 8);
  into
    .text('', 32)
    .word(id + 1, 4)
    .text('', 76);
  for (let n = 0; n < 31; n++) into.word(context.x(n), 8);
  into.words(8, context.system(usesSp0 ? 'SP_EL0' : 'SP_EL1'), context.system('ELR_EL2'), pstate).text('', 8);
}

/** A run of frames with memory. */
interface Run {
  readonly gfn: number;
  readonly mfns: number[];
}

/** The frames of a guest that have memory, and the machine's frames there, lowest first. */
function runsOf(domain: Domain): Run[] {
  const runs: Run[] = [];
  domain.p2m.forEach((gfn, { mfn, type, order }) => {
    if (type !== P2mType.ramRw && type !== P2mType.ramRo) return;
    const mfns = Array.from({ length: 2 ** order }, (_, i) => mfn + i);
    const last = runs.at(-1);
    if (last && last.gfn + last.mfns.length === gfn) last.mfns.push(...mfns);
    else runs.push({ gfn, mfns });
  });
  return runs;
}

const headerSize = 64;
const sectionHeaderSize = 64;
const programHeaderSize = 56;
const SHT = { progbits: 1, strtab: 3, note: 7 } as const;

interface Section {
  readonly name: string;
  readonly type: (typeof SHT)[keyof typeof SHT];
  readonly offset: number;
  readonly size: number;
  readonly alignment?: number;
  readonly entrySize?: number;
}

/** A core without its pages: what stands before them, and what behind. */
interface Layout {
  readonly head: Uint8Array;
  readonly pagesAt: number;
  readonly tail: Uint8Array;
}

/**
 * The file around the pages. The real xl for Arm marks every page as absent and gives the machine as 32-bit ARM, so that
 * nothing reads its cores. Here the pages are there, and segments and NT_PRSTATUS show them to gdb, by the guest's
 * physical addresses.
 */
function layOut(domain: Domain, runs: readonly Run[]): Layout {
  const vcpus = domain.vcpus.filter(({ unit }) => (unit.pauseFlags & PauseFlag.down) === 0);
  const pages = runs.reduce((sum, { mfns }) => sum + mfns.length, 0);
  const note = notes(vcpus.length, pages);
  const contexts = vcpus.map(vcpuContext);
  const threads = new Bytes();
  for (const vcpu of vcpus) threadNote(threads, vcpu);
  const names = ['.shstrtab', '.note.Xen', '.xen_prstatus', '.xen_pages', '.xen_pfn'];
  const nameTable = new Bytes().word(0, 1);
  for (const name of names) nameTable.text(name, name.length + 1);

  const segmentsAt = headerSize + sectionHeaderSize * (names.length + 1);
  const noteAt = segmentsAt + programHeaderSize * (runs.length + 1);
  const statusAt = noteAt + note.length;
  const statusSize = contexts.reduce((sum, { length }) => sum + length, 0);
  const threadsAt = statusAt + statusSize;
  const pagesAt = Math.ceil((threadsAt + threads.length) / pageSize) * pageSize;
  const pfnAt = pagesAt + pages * pageSize;
  const namesAt = pfnAt + 8 * pages;
  const entrySize = contexts[0]?.length ?? 0;
  const sections: readonly Section[] = [
    { name: '.shstrtab', type: SHT.strtab, offset: namesAt, size: nameTable.length },
    { name: '.note.Xen', type: SHT.note, offset: noteAt, size: note.length },
    { name: '.xen_prstatus', type: SHT.progbits, offset: statusAt, size: statusSize, alignment: 8, entrySize },
    {
      name: '.xen_pages',
      type: SHT.progbits,
      offset: pagesAt,
      size: pages * pageSize,
      alignment: pageSize,
      entrySize: pageSize,
    },
    { name: '.xen_pfn', type: SHT.progbits, offset: pfnAt, size: 8 * pages, alignment: 8, entrySize: 8 },
  ];

  const head = new Bytes().word(0x7f, 1).text('ELF', 3).words(1, 2, 1, 1).text('', 9);
  // ET_CORE for EM_AARCH64, EV_CURRENT.
  head.words(2, 4, 183).word(1, 4).words(8, 0, segmentsAt, headerSize).word(0, 4);
  head.words(2, headerSize, programHeaderSize, runs.length + 1, sectionHeaderSize, sections.length + 1, 1);
  head.text('', sectionHeaderSize);
  let nameAt = 1;
  for (const { name, type, offset, size, alignment = 0, entrySize: each = 0 } of sections) {
    head.words(4, nameAt, type).words(8, 0, 0, offset, size).words(4, 0, 0).words(8, alignment, each);
    nameAt += name.length + 1;
  }
  // PT_NOTE, and a PT_LOAD for each run of pages.
  head.words(4, 4, 0).words(8, threadsAt, 0, 0, threads.length, 0, 4);
  let at = pagesAt;
  for (const { gfn, mfns } of runs) {
    const size = mfns.length * pageSize;
    const address = BigInt(gfn) * BigInt(pageSize);
    head.words(4, 1, 7).words(8, at, address, address, size, size, pageSize);
    at += size;
  }
  head.add(note, ...contexts, threads.bytes);

  const pfns = new Uint8Array(8 * pages);
  const view = new DataView(pfns.buffer);
  let index = 0;
  for (const { gfn, mfns } of runs)
    for (let i = 0; i < mfns.length; i++) view.setBigUint64(8 * index++, BigInt(gfn + i), true);
  const tail = new Uint8Array(pfns.length + nameTable.length);
  tail.set(pfns);
  tail.set(nameTable.bytes, pfns.length);
  return { head: head.bytes, pagesAt, tail };
}

/** Writes a domain's core into a file. Returns the error lines if that fails. */
export function* dumpCore(ctx: LibxlContext, domain: Domain, path: string): Task<readonly string[] | null> {
  const { files, xen } = ctx;
  const of = `Domain ${domain.domainId}:`;
  const where = `libxl: error: libxl_domain.c:603:libxl_domain_core_dump: ${of}Core dumping domain to ${path}`;
  const opened = files.write(path, '');
  if (!opened.ok)
    return [
      `xc: error: Could not open corefile ${path} (2 = ${opened.error}): Internal error`,
      `${where}: ${opened.error}`,
    ];
  // Its memory is to be that of one moment.
  pauseByToolstack(xen, domain);
  try {
    while (!isOffCpus(domain)) yield* sleep(milliseconds(1));
    const runs = runsOf(domain);
    const { head, pagesAt, tail } = layOut(domain, runs);
    const frames = runs.flatMap(({ mfns }) => mfns);
    const tailAt = pagesAt + frames.length * pageSize;
    // A file of this length is a disk, whose sectors of zeros take no memory.
    const made = files.resize(path, tailAt + tail.length);
    if (!made.ok) return [`${where}: ${made.error}`];
    files.writeAt(path, 0, head);
    for (const [index, mfn] of frames.entries()) {
      const page = xen.machine.page(mfn, true);
      if (page.some((byte) => byte !== 0)) files.writeAt(path, pagesAt + index * pageSize, page);
    }
    files.writeAt(path, tailAt, tail);
    yield* compute(nanoseconds(((frames.length * pageSize) / 2 ** 20) * dom0Costs.copyMiB));
    return null;
  } finally {
    unpauseByToolstack(xen, domain);
  }
}
