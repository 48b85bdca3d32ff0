import type { PlainKey } from '../../i18n/translate.ts';

/** The stages of a Linux boot, each recognized by a line of the console. */
const stages = [
  { key: 'boot.kernel', line: /^.*Booting Linux on physical CPU/m },
  { key: 'boot.cores', line: /^.*smp: Brought up \d+ node/m },
  { key: 'boot.serial', line: /^.*ttyPS0 at MMIO/m },
  { key: 'boot.init', line: /^.*Run \/\S+ as init process/m },
  { key: 'boot.ready', line: /^(?:LINUX-READY|.* login: ?$|[^\n]*# $)/m },
] as const satisfies readonly { readonly key: PlainKey; readonly line: RegExp }[];

/**
 * A stage and its virtual time: the timestamp of the line in the kernel's log, or else the time when the line was
 * complete.
 */
export interface Milestone {
  readonly key: (typeof stages)[number]['key'];
  readonly ns: number | null;
}

/** Characters of a console's output that are searched: more than a line. */
const window = 4096;

/** Follows a boot of Linux on a serial console. Other software prints none of these lines and has no milestones. */
export class Milestones {
  readonly #decoder = new TextDecoder();
  #text = '';
  #seen: Milestone[] = [];

  /** Takes output that was printed up to `ns`; returns whether a stage was reached. */
  push(bytes: Uint8Array, ns: number): boolean {
    const before = this.#seen.length;
    if (before === stages.length) return false;
    this.#text += this.#decoder.decode(bytes, { stream: true });
    for (let stage = stages[before]; stage; stage = stages[this.#seen.length]) {
      const found = this.#text.match(stage.line);
      if (!found) break;
      const stamp = found[0].match(/^\[ *(\d+\.\d+)\]/)?.[1];
      this.#seen = [...this.#seen, { key: stage.key, ns: stamp === undefined ? ns : Math.round(Number(stamp) * 1e9) }];
    }
    this.#text = this.#text.slice(-window);
    return this.#seen.length > before;
  }

  /** All stages, without a time if not yet reached; none before the first is reached. */
  all(): readonly Milestone[] {
    return this.#seen.length === 0 ? [] : stages.map(({ key }, i) => this.#seen[i] ?? { key, ns: null });
  }
}
