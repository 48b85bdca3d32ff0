/** Word expansion: variables, field splitting, file names (POSIX sh, 2.6). */
import type { FileSystem } from '../os/files.ts';
import { resolvePath } from '../os/files.ts';
import type { Word } from './parse.ts';

export interface Surroundings {
  readonly files: FileSystem;
  readonly directory: string;
  variable(name: string): string;
}

/** The arguments that a word expands to: none, one or several. */
export function expandWord(word: Word, surroundings: Surroundings): string[] {
  const fields: { text: string; pattern: string; quoted: boolean }[] = [];
  let current: { text: string; pattern: string; quoted: boolean } | undefined;
  const add = (text: string, quoted: boolean): void => {
    current ??= { text: '', pattern: '', quoted: false };
    current.text += text;
    current.pattern += quoted ? text.replace(/[*?[\\]/g, '\\$&') : text;
    current.quoted ||= quoted;
  };
  const end = (): void => {
    if (current) fields.push(current);
    current = undefined;
  };
  for (const part of word) {
    const text = part.variable ? surroundings.variable(part.text) : part.text;
    if (part.quoted || !part.variable) {
      add(text, part.quoted);
      continue;
    }
    text.split(/\s+/).forEach((piece, i) => {
      if (i > 0) end();
      if (piece !== '') add(piece, false);
    });
  }
  end();
  return fields.flatMap((field) => matches(field.pattern, surroundings) ?? [field.text]);
}

/** Expands a word to exactly one argument, for assignments and redirections. */
export const expandText = (word: Word, surroundings: Surroundings): string =>
  word.map((part) => (part.variable ? surroundings.variable(part.text) : part.text)).join('');

/** The files that a pattern matches, or null if it is not a pattern or matches none. */
function matches(pattern: string, { files, directory }: Surroundings): string[] | null {
  if (!/(^|[^\\])[*?[]/.test(pattern)) return null;
  let found = [pattern.startsWith('/') ? '/' : ''];
  for (const name of pattern.split('/').filter((n) => n !== '')) {
    const expression = toExpression(name);
    found = found.flatMap((parent) => {
      const listed = files.list(resolvePath(parent, directory));
      if (!listed.ok) return [];
      return listed.value
        .filter((entry) => (name.startsWith('.') || !entry.name.startsWith('.')) && expression.test(entry.name))
        .map((entry) => (parent === '' ? entry.name : parent === '/' ? `/${entry.name}` : `${parent}/${entry.name}`));
    });
  }
  return found.length > 0 ? found : null;
}

function toExpression(pattern: string): RegExp {
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i] as string;
    const close = character === '[' ? pattern.indexOf(']', i + 2) : -1;
    if (character === '\\') source += literally(pattern[++i] ?? '\\');
    else if (character === '*') source += '[^/]*';
    else if (character === '?') source += '[^/]';
    else if (close > 0) {
      const set = pattern.slice(i + 1, close).replace(/^!/, '^');
      source += `[${set.replace(/[\\\]]/g, '\\$&')}]`;
      i = close;
    } else source += literally(character);
  }
  try {
    return new RegExp(`^${source}$`, 'u');
  } catch {
    // An empty set, such as [z-a].
    return /$^/;
  }
}

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
