/** xl dump-core (tools/xl/xl_misc.c). */
import { dumpCore } from '../libxl/dump-core.ts';
import { resolvePath } from '../os/files.ts';
import type { Task } from '../os/task.ts';
import { Exit, type Parsed, type Xl, type XlCommand } from './command.ts';
import { domainOf } from './domains.ts';

function* run(xl: Xl, { operands: [qualifier = '', name = ''] }: Parsed): Task<number> {
  const { libxl, context } = xl;
  const domain = domainOf(xl, qualifier);
  // Dom0 would be paused while it writes: the real xl never comes back from that.
  if (domain.domainId === 0) throw new Exit('Domain-0 cannot dump itself: it has to be paused for that.\n');
  const failure = yield* dumpCore(libxl, domain, resolvePath(name, context.directory));
  if (!failure) return 0;
  throw new Exit(`${failure.map((line) => `${line}\n`).join('')}core dump failed (rc=-3)\n`);
}

export const dumpCoreCommand: XlCommand = {
  name: 'dump-core',
  summary: 'Core dump a domain',
  takesDomain: true,
  syntax: { global: 'f', usage: '<Domain> <filename>', required: 2 },
  run,
};
