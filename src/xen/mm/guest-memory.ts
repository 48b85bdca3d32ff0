import { type Machine, pageSize } from '../machine/machine.ts';
import type { GuestAddress } from '../public/layout.ts';

/**
 * Memory of the running guest by virtual address. Accesses go through the guest's stage 1 and its stage 2, with the
 * rights of EL1, and only reach pages of the domain itself, with its shared info page and its grant table.
 */
export class GuestMemory {
  private readonly machine: Machine;
  /** Domain.owns of the running domain. */
  private readonly owns: (mfn: number) => boolean;

  constructor(machine: Machine, owns: (mfn: number) => boolean) {
    this.machine = machine;
    this.owns = owns;
  }

  /** The bytes at a guest address; null means -EFAULT. */
  read(address: GuestAddress, length: number): Uint8Array<ArrayBuffer> | null {
    const bytes = new Uint8Array(length);
    const { u8 } = this.machine;
    const done = this.eachPage(address, length, false, (host, at, count) => {
      for (let i = 0; i < count; i++) bytes[at + i] = u8[host + i] as number;
    });
    return done ? bytes : null;
  }

  /** Writes bytes at a guest address; false means -EFAULT. The bytes before the fault have been written then. */
  write(address: GuestAddress, bytes: Uint8Array): boolean {
    const { u8 } = this.machine;
    return this.eachPage(address, bytes.length, true, (host, at, count) => {
      for (let i = 0; i < count; i++) u8[host + i] = bytes[at + i] as number;
    });
  }

  private eachPage(
    { low, high }: GuestAddress,
    length: number,
    write: boolean,
    visit: (host: number, at: number, count: number) => void,
  ): boolean {
    for (let at = 0; at < length; ) {
      const address = (low >>> 0) + at;
      const within = address % pageSize;
      const count = Math.min(length - at, pageSize - within);
      const carry = address >= 2 ** 32 ? 1 : 0;
      const host = this.machine.translate(address >>> 0, (high + carry) >>> 0, write ? count : 0);
      if (host === 0 || !this.owns(this.machine.frame)) return false;
      visit(host, at, count);
      at += count;
    }
    return true;
  }
}
