/** Word expansion: field splitting, file names (POSIX sh, 2.6). Variables and substitutions have their values already. */
import type { FileSystem } from '../os/files.ts';
import { resolvePath } from '../os/files.ts';

/** A part of a word with its value. */
export interface Value {
  readonly text: string;
  readonly quoted: boolean;
  /** It comes from a variable or a substitution: without quotes it is split at blanks. */
  readonly isSplit: boolean;
}

export interface Place {
  readonly files: FileSystem;
  readonly directory: string;
}

/** The arguments that a word expands to: none, one or several. */
export function expandWord(word: readonly Value[], place: Place): string[] {
  const fields: { text: string; pattern: string }[] = [];
  let current: { text: string; pattern: string } | undefined;
  const add = (text: string, quoted: boolean): void => {
    current ??= { text: '', pattern: '' };
    current.text += text;
    current.pattern += quoted ? text.replace(/[*?[\\]/g, '\\$&') : text;
  };
  const end = (): void => {
    if (current) fields.push(current);
    current = undefined;
  };
  for (const { text, quoted, isSplit } of word) {
    if (quoted || !isSplit) {
      add(text, quoted);
      continue;
    }
    text.split(/\s+/).forEach((piece, i) => {
      if (i > 0) end();
      if (piece !== '') add(piece, false);
    });
  }
  end();
  return fields.flatMap((field) => matches(field.pattern, place) ?? [field.text]);
}

/** Whether a text matches a pattern as a whole (POSIX sh, 2.13). */
export function matchesPattern(text: string, pattern: readonly Value[]): boolean {
  const source = pattern.map((part) => (part.quoted ? part.text.replace(/[*?[\\]/g, '\\$&') : part.text)).join('');
  return toExpression(source, '[\\s\\S]').test(text);
}

/** The files that a pattern matches, or null if it is not a pattern or matches none. */
function matches(pattern: string, { files, directory }: Place): string[] | null {
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

/** A pattern as a regular expression; `any` is what its `*` and `?` match. */
function toExpression(pattern: string, any = '[^/]'): RegExp {
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i] as string;
    const close = character === '[' ? pattern.indexOf(']', i + 2) : -1;
    if (character === '\\') source += literally(pattern[++i] ?? '\\');
    else if (character === '*') source += `${any}*`;
    else if (character === '?') source += any;
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
