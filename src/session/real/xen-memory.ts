/** Memory as Xen's own code sees it: by EL2's tables of the first core. Looking changes nothing. */
import type { MmuInspector } from '../../arch/mmu/mmu-inspector.ts';
import { viewOf } from '../../arch/mmu/walk.ts';
import { defined } from '../../base/assert.ts';
import type { ZynqMp } from '../../soc/board/zynqmp.ts';

/** The longest list that is followed: a damaged one may have no end. */
const longestList = 256;
const longestText = 16;

/** A structure of Xen's. */
export class XenRecord {
  readonly address: number;
  readonly #view: DataView;

  constructor(address: number, bytes: Uint8Array) {
    this.address = address;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  u8 = (offset: number): number => this.#view.getUint8(offset);
  u16 = (offset: number): number => this.#view.getUint16(offset, true);
  u32 = (offset: number): number => this.#view.getUint32(offset, true);
  s16 = (offset: number): number => this.#view.getInt16(offset, true);
  s32 = (offset: number): number => this.#view.getInt32(offset, true);
  u64 = (offset: number): bigint => this.#view.getBigUint64(offset, true);
  /** A time, which is exact for 104 days, or an address of Xen's, which has 48 bits. */
  number = (offset: number): number => Number(this.u64(offset));
}

export class XenMemory {
  readonly #core: MmuInspector;

  constructor({ cluster }: ZynqMp) {
    this.#core = cluster.mmu.inspector(defined(cluster.cores[0], 'a core'));
  }

  /** A structure; null where EL2 has mapped nothing, or not all of it. */
  record(address: number, size: number): XenRecord | null {
    if (!Number.isSafeInteger(address) || address <= 0) return null;
    const bytes = this.#core.readVirtual(BigInt(address), size, viewOf(2));
    return bytes.length < size ? null : new XenRecord(address, bytes.slice());
  }

  /** A pointer or a number of 64 bits in memory; 0 where there is none. */
  number(address: number): number {
    return this.record(address, 8)?.number(0) ?? 0;
  }

  /** A short string in memory; empty where there is none. */
  text(address: number): string {
    const record = this.record(address, longestText);
    const bytes = Array.from({ length: longestText }, (_, i) => record?.u8(i) ?? 0);
    return String.fromCharCode(...bytes.slice(0, Math.max(0, bytes.indexOf(0))));
  }

  /** The structures of a list, each with the address of the next one at `next`; 0 ends it. */
  list(first: number, size: number, next: number): XenRecord[] {
    const records: XenRecord[] = [];
    for (let at = first; at !== 0 && records.length < longestList; ) {
      const record = this.record(at, size);
      if (!record) break;
      records.push(record);
      at = record.number(next);
    }
    return records;
  }

  /** The structures of a ring that a head closes (xen/list.h), each with its links at `links`. */
  ring(head: number, size: number, links: number): XenRecord[] {
    const records: XenRecord[] = [];
    for (let at = this.number(head); at !== head && at !== 0 && records.length < longestList; ) {
      const record = this.record(at - links, size);
      if (!record) break;
      records.push(record);
      at = record.number(links);
    }
    return records;
  }
}
