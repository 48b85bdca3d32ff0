import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { genericName } from '../../src/a64/system-encoding.ts';
import { trm, undefinedHere } from './cortex-a53.ts';
import { RegisterProbe } from './probe.ts';

const probe = new RegisterProbe();
const registers = trm.flatMap((group) => group.registers);

const hex = (value: bigint): string => `0x${value.toString(16)}`;
const level = (lowest: number | undefined): string => (lowest === undefined ? '–' : `EL${lowest}`);

/** The tables of docs/registers.md. */
const tables = (): string =>
  [
    ...trm.map(({ subject, registers: rows }) =>
      [
        `## ${subject}`,
        '',
        '| Register | Encoding | Read from | Written from | After reset | Trapped by | |',
        '|---|---|---|---|---|---|---|',
        ...rows.map(({ name, reset, note }) => {
          const found = probe.probe(name);
          const access = `${level(found.readable)} | ${level(found.writable)}`;
          const value = reset === undefined ? '' : hex(reset);
          return `| ${name} | ${genericName(found.encoding)} | ${access} | ${value} | ${found.traps.join(', ')} | ${note ?? ''} |`;
        }),
      ].join('\n'),
    ),
    [
      '## UNDEFINED here, as on the board',
      '',
      '| Registers of the TRM | Why |',
      '|---|---|',
      ...undefinedHere.map(({ names, reason }) => `| ${names} | ${reason} |`),
    ].join('\n'),
  ].join('\n\n');

describe('does every system register of a Cortex-A53 exist?', () => {
  test.each(registers.map((register) => [register.name, register] as const))('%s', (name, register) => {
    const found = probe.probe(name);
    expect(found.readable ?? found.writable).toBeDefined();
    if (register.reset !== undefined) expect(found.reset).toBe(register.reset);
  });

  test('and no other but ID registers that are reserved', () => {
    const listed = new Set(registers.map((register) => register.name));
    const others = [...probe.encodings.keys()].filter((name) => !listed.has(name) && !name.startsWith('ID_C0_'));
    expect(others).toEqual([]);
  });

  test('docs/registers.md says what the machine does with each', () => {
    const page = readFileSync(new URL('../../docs/registers.md', import.meta.url), 'utf8');
    expect(page.slice(page.indexOf('\n## ') + 1)).toBe(`${tables()}\n`);
  });
});
