/** BusyBox's programs that print and select text. */
import type { Program } from '../../os/program.ts';
import { complain, options, simple, texts, usage } from './common.ts';

const linesOf = (text: string): string[] => {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
};

export const catProgram: Program = {
  name: 'cat',
  summary: 'print files',
  run: simple((context) => {
    const found = texts(context, context.args);
    for (const { text } of found ?? []) context.out(text);
    return found ? 0 : 1;
  }),
};

export const echoProgram: Program = {
  name: 'echo',
  summary: 'print its arguments',
  run: simple((context) => {
    const plain = context.args[0] === '-n';
    context.out(context.args.slice(plain ? 1 : 0).join(' ') + (plain ? '' : '\n'));
    return 0;
  }),
};

/** head and tail: the first or last lines. */
const ends = (last: boolean): Program['run'] =>
  simple((context) => {
    const { args } = context;
    const at = args.indexOf('-n');
    const short = args.find((a) => /^-\d+$/.test(a));
    const count = at >= 0 ? Number(args[at + 1]) : short ? Number(short.slice(1)) : 10;
    const names = args.filter((a, i) => a !== short && (at < 0 || (i !== at && i !== at + 1)));
    if (!Number.isInteger(count) || count < 0) return usage(context, '[-n COUNT] [FILE]...');
    const found = texts(context, names);
    for (const { text } of found ?? []) {
      const lines = linesOf(text);
      const chosen = last ? lines.slice(Math.max(0, lines.length - count)) : lines.slice(0, count);
      context.out(chosen.map((l) => `${l}\n`).join(''));
    }
    return found ? 0 : 1;
  });

export const headProgram: Program = { name: 'head', summary: 'print the first lines', run: ends(false) };

export const tailProgram: Program = { name: 'tail', summary: 'print the last lines', run: ends(true) };

export const grepProgram: Program = {
  name: 'grep',
  summary: 'print the lines that match',
  run: simple((context) => {
    const { flags, operands } = options(context.args);
    const [pattern, ...names] = operands;
    if (pattern === undefined) return usage(context, '[-ivcn] PATTERN [FILE]...');
    let expression: RegExp;
    try {
      expression = new RegExp(pattern, flags.includes('i') ? 'iu' : 'u');
    } catch {
      return complain(context, `bad regex '${pattern}'`, 'Invalid argument');
    }
    const found = texts(context, names);
    if (!found) return 2;
    let hits = 0;
    for (const { name, text } of found) {
      const prefix = found.length > 1 ? `${name}:` : '';
      const chosen = linesOf(text)
        .map((line, i) => ({ line, number: i + 1 }))
        .filter(({ line }) => expression.test(line) !== flags.includes('v'));
      hits += chosen.length;
      if (flags.includes('c')) context.out(`${prefix}${chosen.length}\n`);
      else
        for (const { line, number } of chosen)
          context.out(`${prefix}${flags.includes('n') ? `${number}:` : ''}${line}\n`);
    }
    return hits > 0 ? 0 : 1;
  }),
};

export const wcProgram: Program = {
  name: 'wc',
  summary: 'count lines, words and bytes',
  run: simple((context) => {
    const { flags, operands } = options(context.args);
    const found = texts(context, operands);
    for (const { name, text } of found ?? []) {
      const counts = { l: linesOf(text).length, w: text.split(/\s+/).filter((w) => w !== '').length, c: text.length };
      const chosen = (['l', 'w', 'c'] as const).filter((k) => flags === '' || flags.includes(k)).map((k) => counts[k]);
      context.out(`${chosen.join(' ')}${operands.length > 0 ? ` ${name}` : ''}\n`);
    }
    return found ? 0 : 1;
  }),
};

/** The characters of a set such as `a-z.`. */
function charactersOf(set: string): string[] {
  const characters: string[] = [];
  for (const [part] of set.replaceAll('\\n', '\n').matchAll(/.-.|./gsu)) {
    const [first, last] = [part.charCodeAt(0), part.charCodeAt(part.length - 1)];
    for (let code = first; code <= last; code++) characters.push(String.fromCharCode(code));
  }
  return characters;
}

export const trProgram: Program = {
  name: 'tr',
  summary: 'replace or remove characters',
  run: simple((context) => {
    const [first = '', second = '', ...more] = context.args;
    if (second === '' || more.length > 0) return usage(context, '-d SET | SET1 SET2');
    const from = charactersOf(first === '-d' ? second : first);
    const to = first === '-d' ? [] : charactersOf(second);
    const changed = [...(context.input ?? '')].map((character) => {
      const at = from.indexOf(character);
      // A second set that is shorter goes on with its last character.
      return at < 0 ? character : (to[at] ?? to.at(-1) ?? '');
    });
    context.out(changed.join(''));
    return 0;
  }),
};
