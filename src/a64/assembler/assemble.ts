/**
 * Assembles a source in GNU syntax to a flat image. Sections follow one another in the order that the first byte of
 * each is written: code, then constants, then data; `.bss` comes last and is not part of the bytes. The symbols of this
 * project's linker script (guests/lib/image.ld) are defined: __image_start, __image_size, __bss_start, __bss_end.
 */
import { err, ok, type Result } from '../../base/result.ts';
import type { tokenize } from '../syntax/tokens.ts';
import { Pass } from './pass.ts';
import type { Section } from './section.ts';
import { type AssemblyError, readLines } from './source.ts';
import type { Layout } from './statement-target.ts';

export type { AssemblyError } from './source.ts';

export interface Assembly {
  readonly bytes: Uint8Array;
  /** Labels and other symbols with their addresses or values, but for names that begin with `.L`. */
  readonly symbols: ReadonlyMap<string, bigint>;
}

/** Passes after which assembling gives up on addresses that depend on each other. */
const mostPasses = 10;

/**
 * Assembles a whole source; its first byte lies at `origin` (an address, 0 unless given). It returns all mistakes, in
 * the order of the source.
 */
export function assemble(
  source: string,
  options: { readonly origin?: bigint } = {},
): Result<Assembly, AssemblyError[]> {
  const { lines, errors } = readLines(source);
  const origin = options.origin ?? 0n;
  const tokens = new Map<string, ReturnType<typeof tokenize>>();
  let layout: Layout | undefined;
  for (let n = 0; n < mostPasses; n++) {
    const pass = new Pass(origin, layout, tokens);
    pass.run(lines);
    const placed = place(pass, origin);
    if (layout && same(layout, placed)) {
      const all = [...errors, ...pass.errors];
      return all.length > 0 ? err(inOrder(all)) : ok({ bytes: join(pass, placed, origin), symbols: named(placed) });
    }
    layout = placed;
  }
  return err([{ line: 1, column: 1, message: 'Places in this source depend on each other without end.' }]);
}

/** Order of sections: code first, zeros last. */
const rank = (section: Section): number => {
  if (section.isCode) return 0;
  return { '.rodata': 1, '.bss': 3 }[groupOf(section)] ?? 2;
};

/** Sections such as .text.first are parts of .text. */
const groupOf = ({ name }: Section): string => /^\.(?:text|rodata|data|bss)(?=\.)/.exec(name)?.[0] ?? name;

/** Sections that lie together, in the order of the image. */
function groups(pass: Pass): Section[][] {
  const found = new Map<string, Section[]>();
  for (const section of pass.inOrder) {
    const group = found.get(groupOf(section));
    if (group) group.push(section);
    else found.set(groupOf(section), [section]);
  }
  return [...found.values()].sort((a, b) => rank(a[0] as Section) - rank(b[0] as Section));
}

const alignUp = (address: bigint, to: number): bigint => (address + BigInt(to) - 1n) & -BigInt(to);

/** Where sections and symbols of a pass lie if its sections follow one another. */
function place(pass: Pass, origin: bigint): Layout {
  const bases = new Map<string, bigint>();
  const symbols = new Map(pass.symbols);
  let end = origin;
  let bss: bigint | undefined;
  for (const group of groups(pass)) {
    const isBss = rank(group[0] as Section) === 3;
    const alignment = Math.max(isBss ? 16 : 1, ...group.map((section) => section.alignment));
    if (end !== origin) end = alignUp(end, alignment);
    if (isBss) bss = end;
    for (const section of group) {
      if (end !== origin) end = alignUp(end, section.alignment);
      bases.set(section.name, end);
      end += BigInt(section.length);
    }
  }
  const provide = (name: string, value: bigint, relative: number): void => {
    if (!symbols.has(name)) symbols.set(name, { value: { value, relative }, line: undefined });
  };
  const bssEnd = alignUp(end, 16);
  provide('__image_start', origin, 1);
  provide('__bss_start', bss ?? bssEnd, 1);
  provide('__bss_end', bssEnd, 1);
  provide('__image_size', bssEnd - origin, 0);
  return { symbols, locals: pass.locals, bases };
}

/** Whether nothing has moved. */
function same(a: Layout, b: Layout): boolean {
  if (a.symbols.size !== b.symbols.size || a.bases.size !== b.bases.size) return false;
  for (const [name, base] of b.bases) if (a.bases.get(name) !== base) return false;
  for (const [name, { value }] of b.symbols) if (a.symbols.get(name)?.value.value !== value.value) return false;
  return true;
}

function join(pass: Pass, { bases }: Layout, origin: bigint): Uint8Array {
  const parts = groups(pass)
    .flat()
    .filter((section) => rank(section) < 3 && section.length > 0);
  const start = (section: Section): number => Number((bases.get(section.name) ?? origin) - origin);
  const last = parts.at(-1);
  const bytes = new Uint8Array(last ? start(last) + last.length : 0);
  for (const section of parts) bytes.set(section.bytes(), start(section));
  return bytes;
}

const named = ({ symbols }: Layout): Map<string, bigint> =>
  new Map(
    [...symbols]
      .filter(([name, { line }]) => line !== 0 && !name.startsWith('.L'))
      .map(([name, { value }]) => [name, BigInt.asUintN(64, value.value)]),
  );

/** By place, each mistake once. */
function inOrder(errors: readonly AssemblyError[]): AssemblyError[] {
  const sorted = errors.toSorted((a, b) => a.line - b.line || a.column - b.column);
  return sorted.filter((error, i) => {
    const before = sorted[i - 1];
    return !(before?.line === error.line && before.column === error.column && before.message === error.message);
  });
}
