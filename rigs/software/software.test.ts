import { describe, expect, test } from 'vitest';
import { hasLinux } from '../../scripts/images.mjs';
import { caseNames, expected, hasSoftware, outcomes, runCases } from '../../scripts/software.mjs';

describe.skipIf(!hasLinux() || !hasSoftware())(
  "Do Debian's programs print on the board what they print on QEMU? (skipped where apt has not fetched them)",
  () => {
    test('each case prints the recorded lines and ends with the recorded code', { timeout: 1_000_000 }, () => {
      const names = caseNames();
      const serial = runCases(names, 'board');
      expect(outcomes(serial)).toEqual(expected());
      expect(names.sort()).toEqual(Object.keys(expected()).sort());
      expect(serial).not.toMatch(/WARNING:|BUG:|Oops|Internal error|Kernel panic/);
    });
  },
);
