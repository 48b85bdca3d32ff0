import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ConsoleId } from '../../session/api/console.ts';
import { type Connection, nextChange } from '../machine/connection.ts';
import type { Consoles } from './consoles.ts';
import type { Domains } from './domains.ts';
import { readStat, type Stat } from './stat.ts';

/** Virtual time that an RTOS has for its answer. */
const answerNs = 5e9;
const measurementsMax = 20;

/** What an RTOS has said of its latency. */
export interface Measurement extends Stat {
  readonly domain: string;
  /** Virtual time at which the answer was read, in nanoseconds. */
  readonly at: number;
}

interface LatencyView {
  /** The oldest first. */
  readonly measurements: readonly Measurement[];
  /** The domain that was asked and has not answered yet. */
  readonly measuring: string | null;
  /** The domain that did not answer. */
  readonly silent: string | null;
}

const nothing: LatencyView = { measurements: [], measuring: null, silent: null };

/** Asks RTOSes for their latency, on their own consoles. */
export class Latency {
  readonly store: StoreApi<LatencyView> = createStore<LatencyView>(() => nothing);
  readonly #connection: Connection;
  readonly #domains: Domains;
  readonly #consoles: Consoles;
  #epoch = 0;

  constructor(connection: Connection, domains: Domains, consoles: Consoles) {
    this.#connection = connection;
    this.#domains = domains;
    this.#consoles = consoles;
    connection.onChange(({ epoch }) => {
      if (epoch === this.#epoch) return;
      this.#epoch = epoch;
      this.store.setState(nothing);
    });
  }

  /** Types `stat` on an RTOS's console; the answer becomes a measurement. */
  async measure(domain: string): Promise<void> {
    const console = this.#consoleOf(domain);
    if (!console || this.store.getState().measuring !== null) return;
    this.store.setState({ measuring: domain, silent: null });
    const epoch = this.#epoch;
    const stat = await this.#stat(console);
    if (epoch !== this.#epoch) return;
    const at = this.#connection.view.status?.virtualNs ?? 0;
    this.store.setState(({ measurements }) => ({
      measuring: null,
      silent: stat || this.#connection.view.crash ? null : domain,
      measurements: stat ? [...measurements, { domain, at, ...stat }].slice(-measurementsMax) : measurements,
    }));
  }

  /** Types `reset` on an RTOS's console: it begins to measure again. */
  async reset(domain: string): Promise<void> {
    const console = this.#consoleOf(domain);
    if (console) await this.#consoles.type(console, 'reset\r');
  }

  /** The answer to `stat`; null if none comes. */
  async #stat(console: ConsoleId): Promise<Stat | null> {
    const connection = this.#connection;
    const epoch = this.#epoch;
    let position = connection.view.status?.consoleEnd[console] ?? 0;
    const deadline = (connection.view.status?.virtualNs ?? 0) + answerNs;
    await this.#consoles.type(console, 'stat\r');
    const decoder = new TextDecoder();
    let text = '';
    while (!connection.view.crash && epoch === this.#epoch) {
      const { status } = connection.view;
      const isNew = (status?.consoleEnd[console] ?? 0) > position;
      if (!isNew && (status?.virtualNs ?? 0) > deadline) return null;
      const window = isNew ? await connection.look('console', { console, from: position, budget: 65_536 }) : null;
      if (window) {
        position = window.from + window.bytes.length;
        text += decoder.decode(window.bytes, { stream: true });
        const stat = readStat(text);
        if (stat) return stat;
      } else await nextChange(connection);
    }
    return null;
  }

  #consoleOf(domain: string): ConsoleId | undefined {
    return this.#domains.find(domain)?.consoles[0];
  }
}
