/** Debug keys: what Xen 4.17 has on Arm, with its words for them. The model serves some of them. */

import { dumpDomains } from './domain/dump.ts';
import { printGrantUsage } from './domain/grant-usage.ts';
import { dumpSchedulers } from './sched/dump.ts';
import type { Xen } from './xen.ts';

interface DebugKey {
  readonly does: string;
  /** Null if the model does not serve it. */
  readonly press: ((xen: Xen) => void) | null;
}

const keys: ReadonlyMap<string, DebugKey> = new Map<string, DebugKey>([
  ['%', { does: 'trap to xendbg', press: null }],
  ['*', { does: 'print all diagnostics', press: null }],
  ['+', { does: 'increase log level threshold', press: null }],
  ['-', { does: 'decrease log level threshold', press: null }],
  ['0', { does: 'dump Dom0 registers', press: null }],
  ['A', { does: 'toggle alternative key handling', press: null }],
  ['G', { does: 'toggle host/guest log level adjustment', press: null }],
  ['H', { does: 'dump heap info', press: null }],
  // A restart ends the program that has pressed it, so that one does it.
  ['R', { does: 'reboot machine', press: null }],
  ['a', { does: 'dump timer queues', press: null }],
  ['d', { does: 'dump registers', press: null }],
  ['e', { does: 'dump evtchn info', press: null }],
  ['g', { does: 'print grant table usage', press: printGrantUsage }],
  ['h', { does: 'show this message', press: (xen) => showKeys(xen) }],
  ['m', { does: 'memory info', press: null }],
  ['q', { does: 'dump domain (and guest debug) info', press: dumpDomains }],
  ['r', { does: 'dump run queues', press: dumpSchedulers }],
  ['t', { does: 'display multi-cpu clock info', press: null }],
  ['w', { does: 'synchronously dump console ring buffer (dmesg)', press: null }],
]);

/** Presses a debug key. Xen ignores one that it does not know. */
export function pressDebugKey(xen: Xen, key: string): void {
  const known = keys.get(key);
  if (known?.press) known.press(xen);
  else if (known) xen.log.printk(`'${key}' pressed -> no handler in this model`);
}

function showKeys({ log }: Xen): void {
  log.printk("'h' pressed -> showing installed handlers");
  for (const [key, { does }] of keys)
    log.printk(` key '${key}' (ascii '${key.charCodeAt(0).toString(16)}') => ${does}`);
}
