/** Packets that have the machine move: `vCont`, the older `c` and `s`, and `bc` and `bs` back. */
import type { Motion, Range, ThreadInfo } from './target.ts';
import { isAmong, numberOf, parseId } from './values.ts';

interface Action {
  readonly kind: 'continue' | 'step' | 'stop';
  readonly range: Range | null;
  readonly thread: number;
}

/**
 * What a packet asks for; null if it is malformed. A machine runs as a whole: if a thread is to step, the others run
 * meanwhile as they would have run.
 * @param current the thread that packets without one mean
 */
export function parseMotion(packet: string, threads: readonly ThreadInfo[], current: number): Motion | null {
  if (packet === 'bs') return { kind: 'stepBack', thread: current };
  if (packet === 'bc') return { kind: 'continueBack' };
  if (/^(?:s|S[0-9a-f]{2})$/i.test(packet)) return { kind: 'step', thread: current, range: null };
  if (/^(?:c|C[0-9a-f]{2})$/i.test(packet)) return { kind: 'continue' };
  if (!packet.startsWith('vCont;')) return null;
  const actions: Action[] = [];
  for (const text of packet.slice('vCont;'.length).split(';')) {
    const action = parseAction(text);
    if (!action) return null;
    actions.push(action);
  }
  // Of the actions for a thread the first counts.
  for (const { id } of threads) {
    const action = actions.find((each) => isAmong(id, each.thread));
    if (action?.kind === 'step') return { kind: 'step', thread: id, range: action.range };
  }
  return { kind: 'continue' };
}

function parseAction(text: string): Action | null {
  const [action = '', id] = text.split(':');
  const thread = id === undefined ? -1 : parseId(id);
  if (thread === null) return null;
  if (/^(?:c|C[0-9a-f]{2})$/i.test(action)) return { kind: 'continue', range: null, thread };
  if (/^(?:s|S[0-9a-f]{2})$/i.test(action)) return { kind: 'step', range: null, thread };
  if (action === 't') return { kind: 'stop', range: null, thread };
  const [, from, to] = /^r([0-9a-f]+),([0-9a-f]+)$/i.exec(action) ?? [];
  const [start, end] = [numberOf(from ?? ''), numberOf(to ?? '')];
  return start === null || end === null ? null : { kind: 'step', range: { start, end }, thread };
}
