import type { MarkClass, TraceNames, TraceSearch } from '../../../session/api/trace.ts';

/** The words of a search that name a class of marks. */
const words: Readonly<Record<string, MarkClass>> = {
  irq: 'interrupt',
  interrupt: 'interrupt',
  virq: 'virtual',
  injected: 'injected',
  hypercall: 'hypercall',
  abort: 'abort',
  wake: 'wake',
  tickle: 'tickle',
  yield: 'yield',
  migrate: 'migrate',
  smmu: 'smmuFault',
  fault: 'smmuFault',
  domain: 'domain',
  reset: 'reset',
};

/**
 * What a text looks for: a domain or a vCPU (`rtos-a`, `rtos-a v0`) where it runs, or marks (`irq 27`, `wake rtos-a`,
 * `hypercall sched_op`); null if it says nothing that is known.
 */
export function searchOf(
  text: string,
  names: readonly { readonly id: number; readonly name: string }[],
  { hypercalls }: TraceNames,
): Omit<TraceSearch, 'from' | 'isBack'> | null {
  let vcpus: readonly number[] = [];
  let mark: MarkClass | null = null;
  let number: number | null = null;
  for (const word of text.trim().toLowerCase().split(/\s+/)) {
    const byName = names.filter(({ name }) => name.toLowerCase().replace(/ v\d+$/, '') === word);
    const hypercall = hypercalls.indexOf(word);
    if (byName.length > 0) vcpus = byName.map(({ id }) => id);
    else if (/^v\d+$/.test(word)) vcpus = vcpus.filter((id) => (id & 0xffff) === Number(word.slice(1)));
    else if (words[word] !== undefined) mark = words[word];
    else if (/^\d+$/.test(word)) number = Number(word);
    else if (word !== '' && hypercall > 0) [mark, number] = ['hypercall', hypercall];
    else return null;
  }
  return mark !== null || vcpus.length > 0 ? { mark, vcpus, number } : null;
}
