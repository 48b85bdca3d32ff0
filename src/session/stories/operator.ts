import { defined } from '../../base/assert.ts';
import { RandomBytes } from '../../base/random.ts';
import type { Result } from '../../base/result.ts';
import type { ConsoleId, ConsoleWindow } from '../api/console.ts';
import type { ExitCount } from '../api/domain-details.ts';
import type { DomainInfo } from '../api/hypervisor.ts';
import type { Input } from '../api/input.ts';
import type { Dom0View } from '../dom0.ts';
import type { HypervisorView } from '../hypervisor.ts';

/** What the operator has of the machine: what anybody at the front doors has. */
export interface Machine {
  readonly virtualNs: number;
  readonly hypervisor: Result<HypervisorView>;
  readonly dom0: Result<Dom0View>;
  enter(input: Input): Result<number>;
  console(id: ConsoleId, from: number, budget: number): ConsoleWindow;
}

/** Where it writes down what it has measured. */
interface Notes {
  record(figure: string, value: number): void;
  plot(plot: string, line: string, x: number, y: number): void;
}

/** Steps yield what they wait for; it is looked for each millisecond of virtual time. */
export type Steps<T> = Generator<() => boolean, T, void>;

/** An experiment cannot go on: the message is a sentence for the user. */
export class ExperimentFailure extends Error {}

/** The prompt of Domain-0's shell, the model's or Debian's. */
const prompt = 'dom0# ';
const endsInPrompt = (text: string): boolean => /^dom0(?:# |:.*# )$/.test(text.slice(text.lastIndexOf('\n') + 1));
/** Carriage returns and the terminal's escape sequences (ECMA-48, 5.4). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are control characters
const movement = /\r|\x1b\[[0-9;?]*[@-~]/g;
/** More than a command prints. */
const readMax = 65_536;
/** Virtual time that a command may take unless it is said, in milliseconds. */
const usualLimitMs = 10_000;

/**
 * Does what a person at the consoles can do: types commands into Domain-0 and at the domains' consoles, waits, and reads
 * what is shown and counted there. All of it enters through the journal.
 */
export class Operator {
  readonly #machine: Machine;
  readonly #random: RandomBytes;
  readonly #notes: Notes;
  #typed = '';

  /** @param seed decides at which moments it acts, where these are left open */
  constructor(machine: Machine, seed: number, notes: Notes) {
    this.#machine = machine;
    this.#random = new RandomBytes(seed);
    this.#notes = notes;
  }

  /** What was typed last. */
  get typed(): string {
    return this.#typed;
  }

  /** Virtual time in milliseconds. */
  get now(): number {
    return this.#machine.virtualNs / 1e6;
  }

  /** Notes a figure. */
  record(figure: string, value: number): void {
    this.#notes.record(figure, value);
  }

  /** Notes a point of a plot's line. */
  plot(plot: string, line: string, x: number, y: number): void {
    this.#notes.plot(plot, line, x, y);
  }

  /** A number from 0 up to, but not including, `below`. */
  random(below: number): number {
    const [low = 0, high = 0] = this.#random.bytes(2);
    return ((low + 256 * high) / 65_536) * below;
  }

  *wait(ms: number): Steps<void> {
    const end = this.now + ms;
    yield () => this.now >= end;
  }

  /** Waits for something to become true, which `what` names: "rtos-a has not ...". */
  *until(condition: () => boolean, what: string, limitMs = usualLimitMs): Steps<void> {
    const end = this.now + limitMs;
    yield () => condition() || this.now >= end;
    if (!condition()) throw new ExperimentFailure(`${what} within ${limitMs / 1000} s of virtual time.`);
  }

  /** Waits until Domain-0 has a prompt. */
  *ready(limitMs = usualLimitMs): Steps<void> {
    yield* this.until(() => endsInPrompt(this.#shown('dom0', 0)), 'Domain-0 has shown no prompt', limitMs);
  }

  /** Types a command into Domain-0 and waits for the next prompt; what it printed. */
  *command(line: string, limitMs = usualLimitMs): Steps<string> {
    const from = this.#end('dom0');
    this.#type('dom0', prompt, line);
    const shown = () => this.#shown('dom0', from);
    yield* this.until(() => shown().includes('\n') && endsInPrompt(shown()), `'${line}' has not ended`, limitMs);
    return shown().slice(shown().indexOf('\n') + 1, shown().lastIndexOf('\n') + 1);
  }

  /** Types a line on a domain's console. */
  type(domain: string, line: string): void {
    this.#type(this.#consoleOf(domain), `${domain}: `, line);
  }

  /** Types a line on a domain's console and waits for an answer that fits a pattern. */
  *ask(domain: string, line: string, answer: RegExp): Steps<RegExpExecArray> {
    const console = this.#consoleOf(domain);
    const from = this.#end(console);
    this.#type(console, `${domain}: `, line);
    return yield* this.#find(console, from, answer, `${domain} has not answered '${line}'`, usualLimitMs);
  }

  /** Waits until a domain's console has shown something, from its beginning on. */
  *shows(domain: string, pattern: RegExp, limitMs = usualLimitMs): Steps<RegExpExecArray> {
    return yield* this.#find(this.#consoleOf(domain), 0, pattern, `${domain} has not shown ${pattern}`, limitMs);
  }

  /** The domains as Xen lists them. */
  get domains(): readonly DomainInfo[] {
    return this.#hypervisor.domains().domains;
  }

  /** Free memory, in MiB. */
  get freeMiB(): number {
    return this.#hypervisor.freeKib / 1024;
  }

  has(name: string): boolean {
    return this.domains.some((domain) => domain.name === name);
  }

  /** The domain of a name; fails if there is none. */
  domain(name: string): DomainInfo {
    const found = this.domains.find((domain) => domain.name === name);
    if (!found) throw new ExperimentFailure(`There is no domain ${name}.`);
    return found;
  }

  /** Why a domain has entered Xen so far. */
  exits(name: string): readonly ExitCount[] {
    return this.#hypervisor.details(this.domain(name).id)?.exits ?? [];
  }

  /** Runs for a time; how much CPU time a domain got meanwhile, in per cent of one pCPU. */
  *shareOf(name: string, ms: number): Steps<number> {
    const [time, start] = [this.domain(name).time, this.now];
    yield* this.wait(ms);
    return ((this.domain(name).time - time) / 1e6 / (this.now - start)) * 100;
  }

  /**
   * How idle pCPUs were from one time to another, in milliseconds, in parts of equal length: per cent of all of them
   * together.
   */
  idle(
    pcpus: readonly number[],
    { from, to, buckets }: { readonly from: number; readonly to: number; readonly buckets: number },
  ): number[] {
    const { series, covered } = this.#hypervisor.utilisation({ from: from * 1e6, to: to * 1e6, buckets });
    const idle = series.filter(({ kind, pcpu }) => kind === 'idle' && pcpus.includes(pcpu));
    return Array.from(covered, (time, at) => {
      const sum = idle.reduce((total, { busy }) => total + (busy[at] ?? 0), 0);
      return time > 0 ? (sum / time / pcpus.length) * 100 : 0;
    });
  }

  /** The text of a file of Domain-0; empty if there is none. */
  file(path: string): string {
    const { dom0 } = this.#machine;
    const read = dom0.ok ? dom0.value.files.read(path) : dom0;
    return read.ok ? new TextDecoder().decode(read.value) : '';
  }

  get #hypervisor(): HypervisorView {
    const { hypervisor } = this.#machine;
    if (!hypervisor.ok) throw new ExperimentFailure(hypervisor.error);
    return hypervisor.value;
  }

  #consoleOf(name: string): ConsoleId {
    const [console] = this.domain(name).consoles;
    if (console === undefined) throw new ExperimentFailure(`${name} has no console.`);
    return console;
  }

  *#find(console: ConsoleId, from: number, pattern: RegExp, what: string, limitMs: number): Steps<RegExpExecArray> {
    const look = () => pattern.exec(this.#shown(console, from));
    yield* this.until(() => look() !== null, what, limitMs);
    return defined(look() ?? undefined, 'what was waited for');
  }

  #type(console: ConsoleId, before: string, line: string): void {
    this.#typed = before + line;
    const bytes = new TextEncoder().encode(`${line}\r`);
    const entered = this.#machine.enter({ kind: 'keys', console, bytes });
    if (!entered.ok) throw new ExperimentFailure(entered.error);
    if (entered.value < bytes.length) throw new ExperimentFailure(`'${this.#typed}' had no room on the console.`);
  }

  #end(console: ConsoleId): number {
    return this.#machine.console(console, Number.MAX_SAFE_INTEGER, 0).end;
  }

  /**
   * What a domain's console has shown from an offset on, with Unix line ends and without what moves the cursor; the last of it if
   * that is much.
   */
  #shown(console: ConsoleId, from: number): string {
    const { begin, end } = this.#machine.console(console, Number.MAX_SAFE_INTEGER, 0);
    const start = Math.max(from, begin, end - readMax);
    const text = new TextDecoder().decode(this.#machine.console(console, start, readMax).bytes);
    return text.replaceAll(movement, '');
  }
}
