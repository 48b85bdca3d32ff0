/** The conditions of `test` and `[` (POSIX, test). */
import { err, ok, type Result } from '../../base/result.ts';
import { type FileSystem, resolvePath } from '../os/files.ts';

interface Place {
  readonly files: FileSystem;
  readonly directory: string;
}

const numeric: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '-eq': (a, b) => a === b,
  '-ne': (a, b) => a !== b,
  '-lt': (a, b) => a < b,
  '-le': (a, b) => a <= b,
  '-gt': (a, b) => a > b,
  '-ge': (a, b) => a >= b,
};

/** Whether the condition that the words make holds. */
export function holds(words: readonly string[], place: Place): Result<boolean> {
  const or = words.lastIndexOf('-o', words.length - 2);
  if (or > 0) return both(words, or, place, (a, b) => a || b);
  const and = words.lastIndexOf('-a', words.length - 2);
  if (and > 0) return both(words, and, place, (a, b) => a && b);
  const [first = '', second = '', third = ''] = words;
  if (words.length === 3 && (second === '=' || second === '==' || second === '!='))
    return ok((first === third) === (second !== '!='));
  const compare = words.length === 3 ? numeric[second] : undefined;
  if (compare) {
    const wrong = [first, third].find((word) => !/^\s*[+-]?\d+\s*$/.test(word));
    return wrong === undefined ? ok(compare(Number(first), Number(third))) : err(`${wrong}: bad number`);
  }
  if (first === '!' && words.length > 1) {
    const rest = holds(words.slice(1), place);
    return rest.ok ? ok(!rest.value) : rest;
  }
  if (words.length < 2) return ok(first !== '');
  if (words.length === 2) return unary(first, second, place);
  return err(`${second}: unknown operator`);
}

function both(
  words: readonly string[],
  at: number,
  place: Place,
  join: (a: boolean, b: boolean) => boolean,
): Result<boolean> {
  const left = holds(words.slice(0, at), place);
  const right = holds(words.slice(at + 1), place);
  if (!left.ok) return left;
  return right.ok ? ok(join(left.value, right.value)) : right;
}

function unary(operator: string, operand: string, { files, directory }: Place): Result<boolean> {
  const path = resolvePath(operand, directory);
  switch (operator) {
    case '-z':
      return ok(operand === '');
    case '-n':
      return ok(operand !== '');
    case '-e':
      return ok(files.exists(path));
    case '-d':
      return ok(files.isDirectory(path));
    case '-f':
      return ok(files.exists(path) && !files.isDirectory(path));
    case '-s': {
      const size = files.size(path);
      return ok(size.ok && size.value > 0);
    }
    default:
      return err(`${operator}: unknown operator`);
  }
}
