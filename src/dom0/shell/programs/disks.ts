/** BusyBox's programs for images and volumes. */
import { RandomBytes } from '../../../base/random.ts';
import { nanoseconds } from '../../../xen/time/time.ts';
import { dom0Costs } from '../../os/costs.ts';
import { type FileResult, type FileSystem, isDevice, resolvePath } from '../../os/files.ts';
import type { Program, ProgramContext } from '../../os/program.ts';
import { compute, type Task } from '../../os/task.ts';
import { complain, simple, usage } from './common.ts';

const MiB = 2 ** 20;
/** Data that is moved at a time where the user does not say. */
const pieceSize = MiB;
/** No program gets more memory for a block. */
const blockMax = 64 * MiB;

const suffixes: Readonly<Record<string, number>> = {
  '': 1,
  c: 1,
  w: 2,
  b: 512,
  k: 2 ** 10,
  K: 2 ** 10,
  kB: 1e3,
  M: MiB,
  m: MiB,
  MB: 1e6,
  G: 2 ** 30,
  g: 2 ** 30,
  GB: 1e9,
};

/** Reads `4096`, `64k`, `256M`; null if it is no size. */
const sizeIn = (text: string): number | null => {
  const [, digits, suffix] = text.match(/^(\d{1,15})([a-zA-Z]{0,2})$/) ?? [];
  const unit = suffix === undefined ? undefined : suffixes[suffix];
  return digits === undefined || unit === undefined ? null : Number(digits) * unit;
};

/** CPU time of moving so many bytes. */
export const copyTime = (bytes: number): Task => compute(nanoseconds((bytes / MiB) * dom0Costs.copyMiB));

/** Copies what is large in pieces, so that the machine goes on meanwhile. */
export function* copyFile(files: FileSystem, from: string, to: string): Task<FileResult<null>> {
  const size = files.size(from);
  if (!size.ok) return size;
  if (!files.isDisk(from)) {
    const bytes = files.read(from);
    return bytes.ok ? files.write(to, bytes.value) : bytes;
  }
  if (!isDevice(to)) {
    if (files.exists(to)) files.remove(to);
    const made = files.resize(to, size.value);
    if (!made.ok) return made;
  }
  for (let at = 0; at < size.value; at += pieceSize) {
    const piece = files.readAt(from, at, pieceSize);
    const written = piece.ok ? files.writeAt(to, at, piece.value) : piece;
    if (!written.ok) return written;
    yield* copyTime(pieceSize);
  }
  return { ok: true, value: null };
}

/** Where dd reads: bytes at an offset, none at the end. */
type Source = (offset: number, length: number) => FileResult<Uint8Array>;

const sourceOf = (context: ProgramContext, name: string | undefined): Source => {
  const bytesOf = (value: Uint8Array): FileResult<Uint8Array> => ({ ok: true, value });
  if (name === undefined) {
    const typed = new TextEncoder().encode(context.input ?? '');
    return (offset, length) => bytesOf(typed.slice(offset, offset + length));
  }
  const path = resolvePath(name, context.directory);
  if (path === '/dev/null') return () => bytesOf(new Uint8Array());
  if (path === '/dev/zero') return (_, length) => bytesOf(new Uint8Array(length));
  if (path === '/dev/urandom' || path === '/dev/random') {
    const random = new RandomBytes(context.now());
    return (_, length) => bytesOf(random.bytes(length));
  }
  return (offset, length) => context.files.readAt(path, offset, length);
};

/** Where dd writes. */
const targetOf = (context: ProgramContext, name: string | undefined) => {
  if (name === undefined) {
    const decoder = new TextDecoder();
    return (_: number, bytes: Uint8Array): FileResult<null> => {
      context.out(decoder.decode(bytes, { stream: true }));
      return { ok: true, value: null };
    };
  }
  const path = resolvePath(name, context.directory);
  if (path === '/dev/null') return (): FileResult<null> => ({ ok: true, value: null });
  return (offset: number, bytes: Uint8Array) => context.files.writeAt(path, offset, bytes);
};

/** `1.0M`: BusyBox's make_human_readable_str. */
const readable = (value: number): string => {
  const power = Math.min(4, Math.floor(Math.log2(Math.max(1, value)) / 10));
  return power === 0 ? String(Math.round(value)) : `${(value / 2 ** (10 * power)).toFixed(1)}${'kMGT'[power - 1]}`;
};

const ddOperands = ['if', 'of', 'bs', 'count', 'skip', 'seek', 'conv', 'status', 'iflag', 'oflag'] as const;
const ddNumbers = ['bs', 'count', 'skip', 'seek'] as const;

export const ddProgram: Program = {
  name: 'dd',
  summary: 'copy blocks of a file, image or volume',
  complete: (_, written) => {
    const [, start, path] = written.match(/^([io]f=)(\/dev\/\S*)?$/) ?? [];
    if (path !== undefined) return ['zero', 'urandom', 'null'].map((name) => `${start}/dev/${name}`);
    return start === undefined ? ddOperands.slice(0, -3).map((name) => `${name}=`) : [];
  },
  *run(context) {
    yield* compute(dom0Costs.smallProgram);
    const operands = new Map<string, string>();
    for (const argument of context.args) {
      const [, name, value] = argument.match(/^([a-z]+)=(.*)$/s) ?? [];
      if (name === undefined || value === undefined || !ddOperands.some((known) => known === name))
        return usage(
          context,
          '[if=FILE] [of=FILE] [bs=N] [count=N] [skip=N] [seek=N] [conv=notrunc,fsync] [status=none]',
        );
      operands.set(name, value);
    }
    const numbers: Record<(typeof ddNumbers)[number], number> = {
      bs: 512,
      count: Number.POSITIVE_INFINITY,
      skip: 0,
      seek: 0,
    };
    for (const name of ddNumbers) {
      const text = operands.get(name);
      const value = text === undefined ? numbers[name] : sizeIn(text);
      if (value === null || (name === 'bs' && value === 0)) return complain(context, 'invalid number', `'${text}'`);
      numbers[name] = value;
    }
    const { bs, count, skip, seek } = numbers;
    if (bs > blockMax) return complain(context, 'out of memory', `a block has at most ${blockMax / MiB} MiB`);
    const conversions = (operands.get('conv') ?? '').split(',').filter((word) => word !== '');
    const strange = conversions.find((word) => !['notrunc', 'fsync', 'noerror', 'sync'].includes(word));
    if (strange !== undefined) return complain(context, 'invalid argument', `'conv=${strange}'`);
    const [from, to] = [operands.get('if'), operands.get('of')];
    const { files } = context;
    const source = sourceOf(context, from);
    const first = source(0, 0);
    if (!first.ok) return complain(context, `can't open '${from}'`, first.error);
    if (to !== undefined) {
      const path = resolvePath(to, context.directory);
      if (!isDevice(path)) {
        const kept = conversions.includes('notrunc') ? files.size(path) : null;
        const made = files.resize(path, Math.max(seek * bs, kept?.ok ? kept.value : 0));
        if (!made.ok) return complain(context, `can't open '${to}'`, made.error);
      } else if (path !== '/dev/null' && !files.isDisk(path))
        return complain(context, `can't open '${to}'`, 'No such file or directory');
    }
    const target = targetOf(context, to);
    const start = context.now();
    const records = { whole: 0, part: 0, wholeOut: 0, partOut: 0, bytes: 0 };
    let code = 0;
    for (let block = 0, unpaid = 0; block < count; block++) {
      const read = source((skip + block) * bs, bs);
      if (!read.ok) {
        code = complain(context, from ?? 'standard input', read.error);
        break;
      }
      if (read.value.length === 0) break;
      const isWhole = read.value.length === bs;
      records[isWhole ? 'whole' : 'part']++;
      const written = target((seek + block) * bs, read.value);
      if (!written.ok) {
        code = complain(context, `error writing '${to}'`, written.error);
        break;
      }
      records[isWhole ? 'wholeOut' : 'partOut']++;
      records.bytes += read.value.length;
      unpaid += read.value.length;
      if (unpaid >= MiB) {
        yield* copyTime(unpaid);
        unpaid = 0;
      }
    }
    yield* copyTime(records.bytes % MiB);
    if (conversions.includes('fsync')) files.sync();
    if (operands.get('status') === 'none') return code;
    const time = (context.now() - start) / 1e9;
    const { whole, part, wholeOut, partOut, bytes } = records;
    context.err(`${whole}+${part} records in\n${wholeOut}+${partOut} records out\n`);
    const rate = readable(time > 0 ? bytes / time : 0);
    context.err(`${bytes} bytes (${readable(bytes)}B) copied, ${time.toFixed(6)} seconds, ${rate}B/s\n`);
    return code;
  },
};

export const truncateProgram: Program = {
  name: 'truncate',
  summary: 'make a file as long as said, such as an image',
  run: simple((context) => {
    const { args, files, directory } = context;
    const joined = args.flatMap((arg) => (/^-c?s./.test(arg) ? ['-s', arg.slice(arg.indexOf('s') + 1)] : [arg]));
    const at = joined.indexOf('-s');
    const names = joined.filter((arg, i) => arg !== '-c' && (at < 0 || (i !== at && i !== at + 1)));
    const [, sign, text] = joined[at + 1]?.match(/^([+-]?)(.+)$/) ?? [];
    if (at < 0 || names.length === 0 || text === undefined) return usage(context, '[-c] -s SIZE FILE...');
    const amount = sizeIn(text);
    if (amount === null) return complain(context, 'invalid number', `'${text}'`);
    let code = 0;
    for (const name of names) {
      const path = resolvePath(name, directory);
      const size = files.size(path);
      if (!size.ok && args.includes('-c')) continue;
      const now = size.ok ? size.value : 0;
      const done = files.resize(path, Math.max(0, sign === '+' ? now + amount : sign === '-' ? now - amount : amount));
      if (!done.ok) code = complain(context, name, done.error);
    }
    return code;
  }),
};

export const syncProgram: Program = {
  name: 'sync',
  summary: 'have all that was written to images and volumes kept',
  run: simple(({ files }) => {
    files.sync();
    return 0;
  }),
};

/** Bytes in a line. */
const lineSize = 16;

const hexLine = (offset: number, bytes: Uint8Array): string => {
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0'));
  const columns = `${hex.slice(0, 8).join(' ').padEnd(23)}  ${hex.slice(8).join(' ').padEnd(23)}`;
  const text = String.fromCharCode(...bytes).replace(/[^ -~]/g, '.');
  return `${offset.toString(16).padStart(8, '0')}  ${columns}  |${text}|\n`;
};

export const hexdumpProgram: Program = {
  name: 'hexdump',
  summary: 'print bytes in hexadecimal',
  *run(context) {
    yield* compute(dom0Costs.smallProgram);
    const { args, files } = context;
    let [skip, length] = [0, Number.POSITIVE_INFINITY];
    const names: string[] = [];
    for (let i = 0; i < args.length; i++) {
      const argument = args[i] as string;
      const [, option, joined] = argument.match(/^-([ns])(.*)$/) ?? [];
      if (option !== undefined) {
        const text = joined || (args[++i] ?? '');
        const value = /^0x[0-9a-f]{1,12}$/i.test(text) ? Number(text) : sizeIn(text);
        if (value === null) return complain(context, 'invalid number', `'${text}'`);
        if (option === 's') skip = value;
        else length = value;
      } else if (argument !== '-C') names.push(argument);
    }
    const [name] = names;
    if (name === undefined || names.length > 1 || name.startsWith('-'))
      return usage(context, '-C [-n LENGTH] [-s OFFSET] FILE');
    const path = resolvePath(name, context.directory);
    const size = files.size(path);
    const opened = files.readAt(path, 0, 0);
    if (!size.ok || !opened.ok) return complain(context, name, opened.ok ? 'Is a directory' : opened.error);
    const end = Math.min(size.value, skip + length);
    // A line that is as the one before is not printed; the first of such lines is a star.
    let [before, isStarred]: [string, boolean] = ['', false];
    for (let at = skip; at < end; at += pieceSize) {
      const piece = files.readAt(path, at, Math.min(pieceSize, end - at));
      if (!piece.ok) return complain(context, name, piece.error);
      let lines = '';
      for (let line = 0; line < piece.value.length; line += lineSize) {
        const bytes = piece.value.subarray(line, line + lineSize);
        const key = bytes.join();
        const isSame = key === before;
        if (!isSame) lines += hexLine(at + line, bytes);
        else if (!isStarred) lines += '*\n';
        [before, isStarred] = [key, isSame];
      }
      context.out(lines);
      yield* copyTime(piece.value.length);
    }
    if (end > skip) context.out(`${end.toString(16).padStart(8, '0')}\n`);
    return 0;
  },
};
