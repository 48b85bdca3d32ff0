/** `xl mem-set` and `xl mem-max` (tools/xl/xl_mem.c). */
import { setMaxMemory, setMemoryTarget } from '../libxl/memory.ts';
import { atOnce, Exit, type Subcommand, type XlCommand } from './command.ts';
import { domainOf } from './domains.ts';

/** KiB of each unit; without one a number is in MiB. */
const units: Readonly<Record<string, number>> = { t: 2 ** 30, g: 2 ** 20, m: 2 ** 10, '': 2 ** 10, k: 1, b: 2 ** -10 };

/** parse_mem_size_kb: null if it is no size. */
function kibOf(text: string): number | null {
  const [, number = '', rest = ''] = /^\s*([+-]?\d*)(.*)$/s.exec(text) ?? [];
  const unit = units[rest.toLowerCase()];
  return unit === undefined ? null : Math.floor(Number(number) * unit);
}

const change = (set: typeof setMemoryTarget, what: string): Subcommand =>
  atOnce(({ libxl, ...xl }, { operands: [qualifier = '', text = ''] }) => {
    const domain = domainOf({ libxl, ...xl }, qualifier);
    const kib = kibOf(text);
    if (kib === null || kib === -1) throw new Exit(`invalid memory size: ${text}\n`);
    const wrong = set(libxl, domain, kib);
    if (wrong !== null) throw new Exit(`${wrong}cannot set domid ${domain.domainId} ${what} max memory to : ${text}\n`);
    return 0;
  });

export const memMaxCommand: XlCommand = {
  name: 'mem-max',
  summary: 'Set the maximum amount reservation for a domain',
  takesDomain: true,
  syntax: { global: 'f', usage: "<Domain> <MemMB['b'[bytes]|'k'[KB]|'m'[MB]|'g'[GB]|'t'[TB]]>", required: 2 },
  run: change(setMaxMemory, 'static'),
};

export const memSetCommand: XlCommand = {
  name: 'mem-set',
  summary: 'Set the current memory usage for a domain',
  takesDomain: true,
  syntax: { global: 'f', usage: "<Domain> <MemMB['b'[bytes]|'k'[KB]|'m'[MB]|'g'[GB]|'t'[TB]]>", required: 2 },
  run: change(setMemoryTarget, 'dynamic'),
};
