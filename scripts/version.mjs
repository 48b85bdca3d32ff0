import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './install.mjs';

/** What decides how a machine goes on from a state: the simulator, and what it brings for Domain-0. */
const sources = [
  ...['base', 'wasm', 'a64', 'arch', 'engine', 'cluster', 'boot', 'soc', 'xen', 'dom0', 'session'].map(
    (room) => `src/${room}`,
  ),
  ...['guests/build/xen', 'guests/build/dom0'],
];

/** What src/base/version.ts is told at a build: equal for equal sources. */
export function versionOfSources() {
  const sum = createHash('sha256');
  for (const folder of sources) {
    const files = readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile() && !file.name.includes('test'))
      .map((file) => join(file.parentPath ?? file.path, file.name).slice(root.length))
      .sort();
    for (const file of files) sum.update(`${file}\0`).update(readFileSync(join(root, file)));
  }
  return sum.digest('hex').slice(0, 16);
}
