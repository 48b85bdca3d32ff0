/** Commands of GDB's `monitor`: what it has no packet for. Each answers in lines. */

import type { DescriptorField } from '../../arch/mmu/descriptor-fields.ts';
import type { Translation } from '../../arch/mmu/explain.ts';
import { FaultType } from '../../arch/mmu/faults.ts';
import type { Result } from '../../base/result.ts';
import type { Session } from '../../session/session.ts';
import { type SessionThreads, vcpuOf } from './session-threads.ts';

/** Bytes that `pa` shows at most. */
const mostBytes = 0x1000;
const bytesInLine = 16;

export interface MonitorContext {
  readonly session: Session;
  readonly threads: SessionThreads;
  /** The thread that has stopped. Which one is selected GDB does not say with these commands. */
  readonly thread: number;
  /** A thread's register by its name; null if it is not known. */
  register(thread: number, name: string): bigint | null;
}

interface MonitorCommand {
  readonly usage: string;
  readonly help: string;
  /** The arguments are those that its pattern finds. */
  readonly pattern: RegExp;
  run(context: MonitorContext, argument: string, second: string): string;
}

/** An address may be in a register; a thread goes by its name. */
const place = '(\\$\\w{1,20}|0x[0-9a-f]{1,16}|[0-9]{1,20})';
const threadName = '(?: (\\S+))?';

const commands: readonly MonitorCommand[] = [
  {
    usage: 'el',
    help: 'the exception level of each thread',
    pattern: /^el$/,
    run: ({ threads }) => table(threads.list().map(({ name, detail }) => [name, detail])),
  },
  {
    usage: 'time',
    help: 'virtual time since power-on, and the past that is kept',
    pattern: /^time$/,
    run: ({ session }) => {
      const past = session.status().time;
      const seconds = (ns: number): string => `${(ns / 1e9).toFixed(9)} s`;
      const now = `${seconds(session.virtualNs)}\n`;
      if (!past || past.beginNs === null) return now;
      const present = past.isPast ? `in the past: the present is ${seconds(past.presentNs)}\n` : '';
      return `${now}${present}kept since ${seconds(past.beginNs)}\n`;
    },
  },
  {
    usage: 'pa ADDRESS [LENGTH]',
    help: 'RAM at a physical address',
    pattern: new RegExp(`^pa ${place}(?: ([0-9]{1,6}))?$`, 'i'),
    run: (context, address, length) => {
      const count = length === '' ? bytesInLine : Math.min(Number(length), mostBytes);
      const from = addressOf(address, context);
      if (from === null) return noRegister(address);
      const look = context.session.inspect(0);
      if (!look.ok) return `${look.error}\n`;
      const { bytes } = look.value.memory({ core: 0, space: 'physical', el: null, address: from, length: count });
      return bytes.length === 0 ? `There is no RAM at ${address}.\n` : dump(from, bytes);
    },
  },
  {
    usage: 'translate ADDRESS [THREAD]',
    help: 'from a virtual address to a physical one, descriptor by descriptor, as a thread sees it',
    pattern: new RegExp(`^translate ${place}${threadName}$`, 'i'),
    run: (all, argument, name) => {
      const context = inThread(all, name);
      if (!context) return noThread(name);
      const address = addressOf(argument, context);
      if (address === null) return noRegister(argument);
      const found = translation(context, address);
      return found.ok ? walk(found.value) : `${found.error}\n`;
    },
  },
  {
    usage: 'bt [THREAD]',
    help: 'the calls that a thread is in, by frame records: code without symbols too',
    pattern: new RegExp(`^bt${threadName}$`),
    run: (all, name) => {
      const context = inThread(all, name);
      if (!context) return noThread(name);
      const core = context.threads.coreOf(context.thread);
      const look = core === null ? null : context.session.inspect(core);
      if (!look?.ok) return 'This vCPU does not run.\n';
      const { frames, end } = look.value.backtrace();
      const lines = frames.map(({ address, symbol }, i) => {
        return `#${i}  ${hex(address)}${symbol ? ` in ${symbol.name}+${symbol.offset}` : ''}\n`;
      });
      return `${lines.join('')}${end === 'outermost' ? '' : `The rest is not known: ${end}.\n`}`;
    },
  },
  {
    usage: 'info domains',
    help: 'the domains of Xen',
    pattern: /^info domains$/,
    run: ({ session, threads }) => {
      if (!session.hypervisor.ok) return `${session.hypervisor.error}\n`;
      const rows = threads.domains().map(({ id, name, letters, memoryKib, vcpus }) => {
        return [String(id), name, letters, `${memoryKib / 1024}`, String(vcpus.length)];
      });
      return table([['Domain', 'Name', 'State', 'MiB', 'vCPUs'], ...rows]);
    },
  },
];

/** The same for a thread of a name, if one is given; null if there is none. */
function inThread(context: MonitorContext, name: string): MonitorContext | null {
  const found = context.threads.list().find((thread) => thread.name === name);
  return name === '' ? context : found ? { ...context, thread: found.id } : null;
}

/** Answers a command; one that is not known gets the list. */
export function monitor(command: string, context: MonitorContext): string {
  const words = command.trim().replace(/\s+/g, ' ');
  for (const one of commands) {
    const match = one.pattern.exec(words);
    if (match) return one.run(context, match[1] ?? '', match[2] ?? '');
  }
  const list = table(commands.map(({ usage, help }) => [`monitor ${usage}`, help]));
  return words === 'help' ? list : `There is no command 'monitor ${words}'.\n${list}`;
}

const addressOf = (text: string, { thread, register }: MonitorContext): bigint | null =>
  text.startsWith('$') ? register(thread, text.slice(1)) : BigInt.asUintN(64, BigInt(text));

const noRegister = (text: string): string => `There is no register ${text}, or it is not known.\n`;
const noThread = (name: string): string => `There is no thread ${name}: 'monitor el' lists them.\n`;

function translation({ session, thread }: MonitorContext, address: bigint): Result<Translation> {
  const vcpu = vcpuOf(thread);
  const look = vcpu ? session.inspectVcpu(vcpu) : session.inspect(thread - 1);
  if (!look.ok) return look;
  const request = { core: thread - 1, el: null, address, access: 'read' } as const;
  return { ok: true, value: look.value.translation(request) };
}

/** As the Arm ARM calls them. */
const faultNames: ReadonlyMap<FaultType, string> = new Map([
  [FaultType.addressSize, 'Address size'],
  [FaultType.translation, 'Translation'],
  [FaultType.accessFlag, 'Access flag'],
  [FaultType.permission, 'Permission'],
  [FaultType.external, 'External abort:'],
  [FaultType.externalOnWalk, 'External abort on the walk:'],
  [FaultType.alignment, 'Alignment'],
]);

const hex = (value: number | bigint): string => `0x${value.toString(16)}`;

/** Whether a field of a descriptor is worth a word: neither what is shown already, nor 0. */
const isAttribute = ({ name, width, value }: DescriptorField): boolean =>
  value !== 0n && width <= 4 && name !== 'valid' && name !== 'type';

function walk({ steps, result }: Translation): string {
  const rows = steps.map(({ stage, level, forTable, address, isIpa, descriptor, kind, output, fields }) => [
    `stage ${stage} level ${level}${forTable ? ' for the table' : ''}`,
    `${isIpa ? 'IPA' : 'PA'} ${hex(address)}`,
    hex(descriptor),
    kind === 'invalid' ? kind : `${kind} ${hex(output)}`,
    fields.flatMap((field) => (isAttribute(field) ? [`${field.name}=${field.value}`] : [])).join(' '),
  ]);
  const letters = (['readable', 'writable', 'executable'] as const).map((right, i) =>
    result.ok && result[right] ? 'rwx'.charAt(i) : '-',
  );
  const end = result.ok
    ? `PA ${hex(result.pa)} ${letters.join('')}`
    : `${faultNames.get(result.fault.type)} fault, stage ${result.fault.stage}, level ${result.fault.level}`;
  return `${table(rows)}${end}\n`;
}

function dump(from: bigint, bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += bytesInLine) {
    const line = Array.from(bytes.subarray(at, at + bytesInLine), (byte) => byte.toString(16).padStart(2, '0'));
    text += `${hex(from + BigInt(at))}: ${line.join(' ')}\n`;
  }
  return text;
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0))) ?? [];
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
