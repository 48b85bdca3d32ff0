import { expect, test } from 'vitest';
import { Consoles } from './consoles.ts';

test('a console says where the output begins of the domain that has its number now', () => {
  const consoles = new Consoles();
  const print = (text: string) => consoles.print('1/pv', new TextEncoder().encode(text));
  print('one');
  expect(consoles.window('1/pv', 0, 9)).toMatchObject({ begin: 0, end: 3 });
  consoles.close('1/pv');
  expect(consoles.window('1/pv', 0, 9)).toMatchObject({ begin: 0, end: 3 });
  print('two');
  print('!');
  expect(consoles.window('1/pv', 0, 9)).toMatchObject({ begin: 3, end: 7 });
});
