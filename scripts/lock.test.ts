import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

interface Locked {
  version?: string;
  resolved?: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

const lockFile = join(dirname(dirname(fileURLToPath(import.meta.url))), 'package-lock.json');
const packages: Record<string, Locked> = JSON.parse(readFileSync(lockFile, 'utf8')).packages;

test('the lock file names no registry, so that each machine uses its own', () => {
  expect(Object.keys(packages).filter((path) => packages[path]?.resolved !== undefined)).toEqual([]);
});

// npm drops an optional package (another platform's binary) that its registry does not serve, and then `npm ci` of a
// fresh clone fails. Choose a version whose binaries are all served.
test('the lock file holds every package that another one needs', () => {
  const missing = Object.entries(packages).flatMap(([path, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies }).filter(
      (name) => !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages),
    ),
  );
  expect(missing).toEqual([]);
});
