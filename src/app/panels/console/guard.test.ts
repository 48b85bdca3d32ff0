import { Terminal } from '@xterm/xterm';
import { expect, it } from 'vitest';
import { guard } from './guard.ts';

/** What asks a terminal, one of each kind. */
const questions = '\x1b[c\x1b[>c\x1b[5n\x1b[6n\x1b[?6n\x1b[4$p\x1b[?25$p\x1b[18t\x1b]10;?\x07\x1bP$qm\x1b\\';

it('leaves what was asked in the past without an answer, and answers the present', async () => {
  let isPast = true;
  const terminal = new Terminal();
  guard(terminal, () => isPast);
  const answers: string[] = [];
  terminal.onData((text) => answers.push(text));
  const write = () => new Promise<void>((resolve) => terminal.write(questions, resolve));
  await write();
  expect(answers).toEqual([]);
  isPast = false;
  await write();
  expect(answers.length).toBeGreaterThan(5);
});
