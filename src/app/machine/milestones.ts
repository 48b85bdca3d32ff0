import type { PlainKey } from '../i18n/translate.ts';

/** Stages of a Linux boot, each known by a line of the kernel's log. */
const stages = [
  { key: 'boot.kernel', line: /^.*Booting Linux on physical CPU/m },
  { key: 'boot.cores', line: /^.*smp: Brought up \d+ node/m },
  { key: 'boot.serial', line: /^.*ttyPS0 at MMIO/m },
  { key: 'boot.init', line: /^.*Run \/\S+ as init process/m },
  { key: 'boot.ready', line: /^(?:LINUX-READY|.* login: ?$|[^\n]*# $)/m },
] as const satisfies readonly { readonly key: PlainKey; readonly line: RegExp }[];

/** A stage, with the virtual time at which it was seen: the kernel's own, from its log, where the line has one. */
export interface Milestone {
  readonly key: (typeof stages)[number]['key'];
  readonly ns: number | null;
}

/** The text of a console that is searched: a line, and what may stand before it. */
const window = 4096;

/** Follows a boot of Linux on a serial console. What is no Linux shows nothing of it and has no milestones. */
export class Milestones {
  readonly #decoder = new TextDecoder();
  #text = '';
  #seen: Milestone[] = [];

  /** Takes in what was printed by `ns`; says whether a stage was reached. */
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

  /** All stages, those not reached yet without a time; none before the first is reached. */
  all(): readonly Milestone[] {
    return this.#seen.length === 0 ? [] : stages.map(({ key }, i) => this.#seen[i] ?? { key, ns: null });
  }
}
