import type { Memory } from '../state/memory.ts';
import { explainTranslation, halves, type Translation } from './explain.ts';
import { Need, type View, Walker } from './walk.ts';

/** Reads memory as a core would, without a trace: no TLB, register or device changes. */
export class MmuInspector {
  readonly #memory: Memory;
  readonly #present: () => View;
  readonly #walker: Walker;

  /**
   * @param registers words of which those that `Reg` names, from `first` on, are the registers: a core's state, or
   *   `registerWords`
   * @param present the view that questions have which name none
   */
  constructor(memory: Memory, registers: Uint32Array, first: number, present: () => View) {
    this.#memory = memory;
    this.#present = present;
    // Its own walker has its own stage 2 cache, so that inspecting never changes what the core does next.
    this.#walker = new Walker(memory, registers, first);
  }

  /** The view of the core's current exception level. */
  get present(): View {
    return this.#present();
  }

  /** How a virtual address is translated for an access, descriptor by descriptor. */
  explain(va: bigint, view: View = this.present, need: Need = Need.read): Translation {
    return explainTranslation(this.#walker, va, view, need);
  }

  /** Bytes of RAM at a virtual address, whatever its permissions: as many of `length` as are mapped without a gap. */
  readVirtual(va: bigint, length: number, view: View = this.present): Uint8Array {
    return this.#read(length, Number(va & 0xfffn), (offset) => {
      return this.#translate(va + BigInt(offset), view, Need.nothing) ? this.#walker.page : -1;
    });
  }

  /** The same at an intermediate physical address of EL1&0, through stage 2 if it is on. */
  readIpa(ipa: number, length: number): Uint8Array {
    return this.#read(length, ipa % 4096, (offset) => {
      this.#walker.stage2.forget();
      return this.#walker.translateIpa(Math.floor((ipa + offset) / 4096)) ? this.#walker.page : -1;
    });
  }

  /** The same at a physical address. */
  readPhysical(pa: number, length: number): Uint8Array {
    return this.#read(length, pa % 4096, (offset) => Math.floor((pa + offset) / 4096));
  }

  #translate(va: bigint, view: View, need: Need): boolean {
    this.#walker.stage2.forget();
    return this.#walker.translate(...halves(va), view, need);
  }

  /** Reads page by page; `pageAt` gives the physical page for an offset from the start, or -1. */
  #read(length: number, start: number, pageAt: (offset: number) => number): Uint8Array {
    const bytes = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const within = (start + done) % 4096;
      const count = Math.min(length - done, 4096 - within);
      const page = pageAt(done);
      const host = page === -1 ? 0 : this.#walker.hostPage(page) * 4096;
      if (host === 0) break;
      bytes.set(this.#memory.u8.subarray(host + within, host + within + count), done);
      done += count;
    }
    return bytes.subarray(0, done);
  }
}
