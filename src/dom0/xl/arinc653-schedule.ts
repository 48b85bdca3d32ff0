/**
 * arinc653-schedule: sets and prints the table of the ARINC 653 scheduler, which xl has no command for. It is this
 * project's own, and stands for the program that a real system has for it: docs/xen/arinc653.md, section 4.
 */
import { err, ok, type Result } from '../../base/result.ts';
import { formatUuid } from '../../base/uuid.ts';
import { Arinc653Scheduler } from '../../xen/sched/arinc653/arinc653.ts';
import { mostSlots, type Slot, sameUuid, type Table } from '../../xen/sched/arinc653/table.ts';
import { microseconds, type Nanoseconds } from '../../xen/time/time.ts';
import type { LibxlContext } from '../libxl/context.ts';
import { findPool } from '../libxl/cpupools.ts';
import { findDomain, nameOf } from '../libxl/names.ts';
import type { Program } from '../os/program.ts';
import { complain, simple, texts, usage } from '../shell/programs/common.ts';

/** The UUID of an idle slot, which no domain has. */
const nobody = new Uint8Array(16).fill(0xff);

export const arinc653Program = (ctx: LibxlContext): Program => ({
  name: 'arinc653-schedule',
  summary: 'set or print the table of the ARINC 653 scheduler',
  run: simple((context) => {
    const args = [...context.args];
    const pool = args[0] === '-p' ? args.splice(0, 2)[1] : 'Pool-0';
    if (pool === undefined || args.length > 1 || args[0]?.startsWith('-')) return usage(context, '[-p POOL] [FILE]');
    const policy = findPool(ctx, pool)?.policy;
    if (!policy) return complain(context, pool, 'no such pool; xl cpupool-list lists them');
    if (!(policy instanceof Arinc653Scheduler))
      return complain(context, pool, `its scheduler is ${policy.name}, which has no table; arinc653 has`);
    if (args.length === 0) {
      context.out(tableText(ctx, policy.table));
      return 0;
    }
    const [read] = texts(context, args) ?? [];
    if (!read) return 1;
    const table = readTable(ctx, read.text);
    if (!table.ok) return complain(context, read.name, table.error);
    return policy.setTable(table.value) === 0 ? 0 : complain(context, read.name, faultOf(table.value));
  }),
});

/** Why Xen refuses a table (rule 1.2). The times in it are not zero. */
function faultOf({ majorFrame, slots }: Table): string {
  if (slots.length === 0 || slots.length > mostSlots) return `${slots.length} slots: a table has 1 to ${mostSlots}`;
  const sum = slots.reduce((total, { runtime }) => total + runtime, 0);
  return `the slots take ${timeText(sum)} together, more than the major frame of ${timeText(majorFrame)}`;
}

const timeText = (time: number): string => (time % 1e6 === 0 ? `${time / 1e6}ms` : `${time / 1e3}us`);

function timeOf(text: string): Nanoseconds | null {
  const [, digits, unit] = /^(\d{1,9})(us|ms)$/.exec(text) ?? [];
  const time = microseconds(Number(digits) * (unit === 'ms' ? 1000 : 1));
  return time > 0 ? time : null;
}

function readTable(ctx: LibxlContext, text: string): Result<Table, string> {
  let majorFrame: Nanoseconds | null = null;
  const slots: Slot[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    const [name, length, ...rest] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (name === '' || name === undefined) continue;
    const wrong = (what: string): Result<Table, string> => err(`line ${i + 1}: ${what}`);
    const runtime = rest.length === 0 ? timeOf(length ?? '') : null;
    if (runtime === null) return wrong(`write a name and a time, as in: ${name} 10ms`);
    if (name === 'major') {
      majorFrame = runtime;
      continue;
    }
    const [, qualifier = name, vcpu = '0'] = /^(.*)\.(\d{1,3})$/.exec(name) ?? [];
    const domain = ctx.xen.domains.get(findDomain(ctx, qualifier) ?? -1);
    if (name === 'idle') slots.push({ uuid: nobody, vcpu: 0, runtime });
    else if (domain) slots.push({ uuid: domain.uuid, vcpu: Number(vcpu), runtime });
    else return wrong(`there is no domain ${qualifier}; xl list lists them`);
  }
  return majorFrame === null
    ? err('a line with the major frame is missing, as in: major 10ms')
    : ok({ majorFrame, slots });
}

/** The table as a file has it. */
function tableText(ctx: LibxlContext, { majorFrame, slots }: Table): string {
  const rows = slots.map(({ uuid, vcpu, runtime }) => {
    const domain = [...ctx.xen.domains.values()].find((each) => sameUuid(each.uuid, uuid));
    const name = sameUuid(uuid, nobody)
      ? 'idle'
      : domain
        ? `${nameOf(ctx, domain.domainId) ?? domain.domainId}${vcpu > 0 ? `.${vcpu}` : ''}`
        : `# ${formatUuid(uuid)}`;
    return [name, timeText(runtime)];
  });
  return [['major', timeText(majorFrame)], ...rows]
    .map(([name = '', time = '']) => `${name.padEnd(15)} ${time}\n`)
    .join('');
}
