import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ConsoleId } from '../../../session/api/console.ts';
import type { DomainInfo } from '../../../session/api/hypervisor.ts';
import { readStat, type Stat } from '../../../session/stories/isolation/stat.ts';
import { type Connection, nextChange } from '../../machine/connection.ts';
import type { Consoles } from '../consoles.ts';
import type { Domains } from '../domains.ts';
import { answerOn, ConsoleText } from './answers.ts';

/** Virtual time that an RTOS has for its answer, in nanoseconds. */
export const answerNs = 5e9;
/** Virtual time between `reset` and `stat`: a thousand releases of the control task, enough for a p99. */
const collectNs = 1e9;
const measurementsMax = 20;
/** Bytes of a console in which an RTOS is recognised by its greeting, which names its command. */
const greetingMax = 4096;

/** What an RTOS has said of its latency. */
export interface Measurement extends Stat {
  readonly domain: string;
  /** Virtual time at which the answer was read, in nanoseconds. */
  readonly at: number;
}

/** What is waited for, and the virtual times between which it is. */
export interface Waiting {
  readonly domain: string;
  readonly what: 'releases' | 'answer';
  readonly from: number;
  readonly until: number;
}

interface LatencyView {
  /** The oldest first. */
  readonly measurements: readonly Measurement[];
  readonly waiting: Waiting | null;
  /** The domain that has not answered, and why no answer is to be expected. */
  readonly failed: { readonly domain: string; readonly why: 'silent' | 'gone' } | null;
  /** The consoles on which an RTOS has said that it knows `stat`. */
  readonly offered: readonly ConsoleId[];
}

const nothing: LatencyView = { measurements: [], waiting: null, failed: null, offered: [] };

/** Asks RTOSes for their latency, on their own consoles. */
export class Latency {
  readonly store: StoreApi<LatencyView> = createStore<LatencyView>(() => nothing);
  readonly #connection: Connection;
  readonly #domains: Domains;
  readonly #consoles: Consoles;
  #epoch = 0;
  /** The consoles that are read for a greeting. */
  readonly #greetings = new Map<ConsoleId, ConsoleText>();
  #isListening = false;

  constructor(connection: Connection, domains: Domains, consoles: Consoles) {
    this.#connection = connection;
    this.#domains = domains;
    this.#consoles = consoles;
    connection.onChange(({ epoch }) => {
      if (epoch !== this.#epoch) {
        this.#epoch = epoch;
        this.#greetings.clear();
        this.store.setState(nothing);
      }
      void this.#listen();
    });
  }

  /** Types `stat` on an RTOS's console; the answer becomes a measurement. */
  async measure(name: string): Promise<void> {
    const domain = this.#domains.find(name);
    const console = domain?.consoles[0];
    if (!domain || !console || this.store.getState().waiting) return;
    const epoch = this.#epoch;
    const isGone = () => !this.#domains.all.some(({ id }) => id === domain.id);
    const until = this.#wait(name, 'answer', answerNs);
    const printed = new ConsoleText(this.#connection, console);
    await this.#consoles.type(console, 'stat\r');
    const ends = () => this.#now > until || isGone();
    const stat = await answerOn(this.#connection, printed, { find: readStat, ends });
    if (epoch !== this.#epoch) return;
    const isExplained = stat !== null || this.#connection.view.crash !== null;
    this.store.setState(({ measurements }) => ({
      waiting: null,
      failed: isExplained ? null : { domain: name, why: isGone() ? 'gone' : 'silent' },
      measurements: stat
        ? [...measurements, { domain: name, at: this.#now, ...stat }].slice(-measurementsMax)
        : measurements,
    }));
  }

  /** Has an RTOS begin to measure anew, lets it collect releases, and asks for the result. */
  async measureAnew(name: string): Promise<void> {
    const console = this.#domains.find(name)?.consoles[0];
    if (!console || this.store.getState().waiting) return;
    const epoch = this.#epoch;
    const until = this.#wait(name, 'releases', collectNs);
    await this.#consoles.type(console, 'reset\r');
    while (this.#now < until && epoch === this.#epoch && !this.#connection.view.crash && this.#domains.find(name))
      await nextChange(this.#connection);
    if (epoch !== this.#epoch) return;
    this.store.setState({ waiting: null });
    await this.measure(name);
  }

  get #now(): number {
    return this.#connection.view.status?.virtualNs ?? 0;
  }

  /** Says what is waited for; returns until when. */
  #wait(domain: string, what: Waiting['what'], length: number): number {
    const from = this.#now;
    this.store.setState({ waiting: { domain, what, from, until: from + length }, failed: null });
    return from + length;
  }

  /** Reads the beginning of each guest's output: an RTOS says there to type `stat`. */
  async #listen(): Promise<void> {
    if (this.#isListening) return;
    this.#isListening = true;
    const epoch = this.#epoch;
    for (const console of this.#domains.all.flatMap(({ id, consoles }) => (id > 0 ? consoles.slice(0, 1) : []))) {
      const printed = this.#greetings.get(console) ?? new ConsoleText(this.#connection, console, 0);
      if (this.store.getState().offered.includes(console) || printed.position >= greetingMax) continue;
      await printed.pull(greetingMax);
      if (epoch !== this.#epoch) break;
      this.#greetings.set(console, printed);
      if (/\btype stat\b/i.test(printed.text))
        this.store.setState(({ offered }) => ({ offered: [...offered, console] }));
    }
    this.#isListening = false;
  }
}

/** Whether a domain's console has offered `stat`. */
export const canAnswer = ({ consoles }: DomainInfo, offered: readonly ConsoleId[]): boolean =>
  consoles[0] !== undefined && offered.includes(consoles[0]);

/** Whether a domain runs, so that it can answer. */
export const isAwake = ({ letters }: DomainInfo): boolean => !/[pscd]/.test(letters);
