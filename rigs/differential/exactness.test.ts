import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { exclusions } from './exclusions.ts';
import { rules, unlikeQemu } from './unknowns.ts';

const text = readFileSync(new URL('../../docs/exactness.md', import.meta.url), 'utf8').replace(/\s+/g, ' ');

test.each([...exclusions, ...rules, ...unlikeQemu].map(({ name }) => name))(
  'docs/exactness.md tells of: %s',
  (name) => {
    expect(text).toContain(name);
  },
);
