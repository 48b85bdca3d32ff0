import { ExceptionClass } from '../exceptions/exceptions.ts';
import type { CoreState } from './core.ts';
import { Count, countWord } from './counts.ts';

/** What happened on all cores since power-on. */
export interface CoreCounts {
  /** Exceptions taken to EL1 and EL2, by name. */
  readonly exceptions: Readonly<Record<string, number>>;
  /** Translations of addresses that the simulator's TLBs did not hold, for data and for instructions. */
  readonly tlbMisses: { readonly data: number; readonly code: number };
}

const classNames = new Map<number, string>(Object.entries(ExceptionClass).map(([name, ec]) => [ec, name]));

/** An odd class is that of the class before it, taken without a change of level. */
export const exceptionName = (count: number): string => {
  if (count === Count.irq) return 'irq';
  if (count === Count.fiq) return 'fiq';
  const name = classNames.get(count);
  return name ?? `${classNames.get(count - 1) ?? 'unallocated'}SameLevel`;
};

/** Adds up the counters of all cores. */
export function sumCounts(cores: readonly CoreState[]): CoreCounts {
  const sum = (count: number): number =>
    cores.reduce((all, core) => all + ((core.words[countWord(count)] as number) >>> 0), 0);
  const taken = Array.from({ length: Count.fiq + 1 }, (_, count) => [exceptionName(count), sum(count)] as const);
  return {
    exceptions: Object.fromEntries(taken.filter(([, count]) => count > 0)),
    tlbMisses: { data: sum(Count.dataTlbMiss), code: sum(Count.codeTlbMiss) },
  };
}
