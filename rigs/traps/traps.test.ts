import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { SystemBench } from '../../src/arch/system/system-testing.ts';
import { atEl0, caseOf, cases, type Outcome, TrapBench, tried, undefinedIn, words } from './traps.ts';

const recorded = new Map<number, Outcome>();
const key = (word: number, place: number): number => word * 16 + place;
const readable = new Set<number>();
for (const line of readFileSync(new URL('recorded.txt', import.meta.url), 'utf8').split('\n')) {
  if (line.startsWith('#') || line === '') continue;
  const [level = '', setting = '', hex = '', ...outcome] = line.split(' ');
  const word = Number.parseInt(hex, 16);
  recorded.set(key(word, caseOf(Number(level), Number(setting))), outcome.join(' '));
  if (level === '2' && outcome[0] === '-') readable.add(word);
}

const names = new Map(new SystemBench().unit.registers.map((register) => [register.encoding, register.name]));

/** Registers that only one of QEMU 7.2 and this machine has, each with its reason. */
const different = new Map<string, string>([
  ['S3_4_C12_C0_1', 'RVBAR_EL2 exists only where EL2 is the highest level'],
  ...['OSDTRRX_EL1', 'OSDTRTX_EL1', 'OSECCR_EL1', 'DBGPRCR_EL1', 'DBGDTR_EL0', 'DBGDTRRX_EL0'].map(
    (name) => [name, 'QEMU 7.2 lacks it'] as const,
  ),
  ...['DBGCLAIMSET_EL1', 'DBGCLAIMCLR_EL1', 'DBGAUTHSTATUS_EL1'].map((name) => [name, 'QEMU 7.2 lacks it'] as const),
]);

/** Why an outcome may differ from QEMU's; undefined if it must not. */
const excuse = (word: number, place: number): string | undefined => {
  const encoding = (word >>> 5) & 0xffff;
  const op0 = encoding >>> 14;
  const crn = (encoding >>> 7) & 15;
  const generic = `S${op0}_${(encoding >>> 11) & 7}_C${crn}_C${(encoding >>> 3) & 15}_${encoding & 7}`;
  if (op0 === 3 && (crn === 11 || crn === 15))
    return 'QEMU 7.2 applies neither HCR_EL2.TIDCP nor ACTLR_EL2 to IMPLEMENTATION DEFINED registers';
  if ((word & 0xffff_f0df) >>> 0 === 0xd503_40df && atEl0(place))
    return 'QEMU 7.2 swaps op1 and op2 in the syndrome of a trapped MSR DAIFSet and DAIFClr';
  return different.get(names.get(encoding) ?? generic);
};

describe('system instructions complete, trap and are UNDEFINED as on QEMU’s Cortex-A53', () => {
  const bench = new TrapBench();
  const all = words(readable);
  const excuses = new Set<string>();

  test.each(cases)(
    'level and setting %i',
    (place) => {
      const differences: string[] = [];
      for (const word of all) {
        if (!tried(word, place)) continue;
        const theirs = recorded.get(key(word, place)) ?? undefinedIn(place);
        const ours = bench.outcome(word, place);
        if (ours === theirs) continue;
        const reason = excuse(word, place);
        if (reason) excuses.add(reason);
        else differences.push(`${word.toString(16)}: ${ours}, QEMU ${theirs}`);
      }
      expect(differences).toEqual([]);
    },
    60_000,
  );

  test('every expected difference occurs', () => {
    expect(excuses.size).toBe(4);
  });
});
