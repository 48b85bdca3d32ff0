/** `.if` and similar directives. */
import type { OperandReader } from '../syntax/reader.ts';
import type { Line } from './source.ts';
import type { StatementTarget } from './statement-target.ts';

/** An open `.if`. Its state: this branch is taken, a later one may be, or one was before. */
export interface OpenCondition {
  state: 'taken' | 'waiting' | 'done';
  hasElse: boolean;
  readonly line: Line;
}

type Handler = (pass: StatementTarget, open: OpenCondition[], input: OperandReader, line: Line) => void;

type Test = (pass: StatementTarget, input: OperandReader) => boolean;

const compare =
  (holds: (value: bigint) => boolean): Test =>
  (pass, input) => {
    const value = pass.knownValue(input);
    if (!value) return false;
    if (input.atEnd()) return holds(value.value);
    input.fail('the end of the line');
    pass.fail(input.error);
    return false;
  };

const isDefined =
  (expected: boolean): Test =>
  (pass, input) => {
    const { text } = input.next();
    return (pass.symbols.has(text) || pass.registers.has(text.toLowerCase())) === expected;
  };

/** The text after the directive. */
const restOf = (pass: StatementTarget, input: OperandReader): string => pass.line.text.slice(input.peek().column);

const tests: Readonly<Record<string, Test>> = {
  '.if': compare((value) => value !== 0n),
  '.ifne': compare((value) => value !== 0n),
  '.ifeq': compare((value) => value === 0n),
  '.ifgt': compare((value) => value > 0n),
  '.ifge': compare((value) => value >= 0n),
  '.iflt': compare((value) => value < 0n),
  '.ifle': compare((value) => value <= 0n),
  '.ifdef': isDefined(true),
  '.ifndef': isDefined(false),
  '.ifnotdef': isDefined(false),
  '.ifb': (pass, input) => restOf(pass, input).trim() === '',
  '.ifnb': (pass, input) => restOf(pass, input).trim() !== '',
  '.ifc': (pass, input) => sameArguments(restOf(pass, input)),
  '.ifnc': (pass, input) => !sameArguments(restOf(pass, input)),
};

function sameArguments(text: string): boolean {
  const comma = text.indexOf(',');
  return comma >= 0 && text.slice(0, comma).trim() === text.slice(comma + 1).trim();
}

const opens =
  (test: Test): Handler =>
  (pass, open, input, line) => {
    const skipping = open.some(({ state }) => state !== 'taken');
    // Inside a branch that is not taken, no branch is taken.
    const state = skipping ? 'done' : test(pass, input) ? 'taken' : 'waiting';
    open.push({ state, hasElse: false, line });
  };

const handlers: Readonly<Record<string, Handler>> = {
  ...Object.fromEntries(Object.entries(tests).map(([word, test]) => [word, opens(test)])),
  '.elseif': (pass, open, input) => {
    const condition = open.at(-1);
    if (!condition || condition.hasElse) pass.failHere("This '.elseif' belongs to no '.if'.");
    else if (condition.state === 'taken') condition.state = 'done';
    else if (condition.state === 'waiting' && tests['.if']?.(pass, input)) condition.state = 'taken';
  },
  '.else': (pass, open) => {
    const condition = open.at(-1);
    if (!condition || condition.hasElse) pass.failHere("This '.else' belongs to no '.if'.");
    else {
      condition.hasElse = true;
      condition.state = condition.state === 'waiting' ? 'taken' : 'done';
    }
  },
  '.endif': (pass, open) => {
    if (!open.pop()) pass.failHere("This '.endif' belongs to no '.if'.");
  },
};

/** The handler of a conditional directive; undefined for other words. */
export const conditionOf = (word: string): Handler | undefined =>
  Object.hasOwn(handlers, word) ? handlers[word] : undefined;
