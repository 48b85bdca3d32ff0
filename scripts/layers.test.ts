// The rooms' tsconfig files enforce the layers of docs/architecture.md. This test copies those files, makes tiny
// rooms for them and compiles twice: with every allowed import, and with every import that is not allowed.

import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The rooms of docs/architecture.md: each may import those before it, and the front doors not one another. */
const rooms = 'base wasm a64 arch engine cluster boot soc xen dom0 session worker cli app'.split(' ');
const core = rooms.slice(0, rooms.indexOf('worker'));
const isAllowed = (room: string, other: string): boolean =>
  rooms.indexOf(other) < rooms.indexOf(room) &&
  !(room === 'cli' && other === 'worker') &&
  !(room === 'app' && other === 'cli');

/** Imports and globals that the rooms of the core must not use. */
const hosts = [
  `export { version } from 'react';\n`,
  `import { readFileSync } from 'node:fs';\nexport const read = readFileSync;\n`,
  `export const page = document;\n`,
  `export const environment = process.env;\n`,
  `export const later = setTimeout;\n`,
  `export const clock = Date.now() + performance.now();\n`,
];

let folder: string;
beforeAll(() => {
  // Inside the project, so that packages resolve as they do from src/.
  mkdirSync(join(root, '.cache'), { recursive: true });
  folder = mkdtempSync(join(root, '.cache/layers-'));
  copyFileSync(join(root, 'tsconfig.base.json'), join(folder, 'tsconfig.base.json'));
  for (const room of rooms) {
    mkdirSync(join(folder, 'src', room), { recursive: true });
    copyFileSync(join(root, 'src', room, 'tsconfig.json'), join(folder, 'src', room, 'tsconfig.json'));
    put(room, 'room', `export const ${room} = '${room}';\n`);
  }
  for (const file of ['no-packages.ts', 'base/platform.d.ts', 'wasm/webassembly.d.ts']) {
    copyFileSync(join(root, 'src', file), join(folder, 'src', file));
  }
  const references = rooms.map((room) => ({ path: `src/${room}` }));
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ files: [], references }));
});
afterAll(() => rmSync(folder, { recursive: true }));

function put(room: string, name: string, text: string): void {
  writeFileSync(join(folder, 'src', room, `${name}.ts`), text);
}

/** Compiles the rooms. Returns the compiler's exit code and the files with errors, relative to src/. */
function compile(): { status: number | null; faulty: Set<string> } {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const run = spawnSync(process.execPath, [tsc, '-b', '--pretty', 'false'], { cwd: folder, encoding: 'utf8' });
  const faulty = new Set([...run.stdout.matchAll(/^src\/(\S+?)\(\d+,\d+\): error /gm)].map((match) => match[1]!));
  return { status: run.status, faulty };
}

test('what the architecture allows compiles', () => {
  for (const room of rooms) {
    const others = rooms.filter((other) => isAllowed(room, other));
    put(room, 'right', others.map((other) => `export { ${other} } from '../${other}/room.ts';\n`).join(''));
  }
  expect(compile()).toEqual({ status: 0, faulty: new Set() });
});

test('an import of a room that is not allowed, or of a package or host in the core, does not compile', () => {
  const wrong: string[] = [];
  const putWrong = (room: string, name: string, text: string) => {
    wrong.push(`${room}/${name}.ts`);
    put(room, name, text);
  };
  for (const room of rooms) {
    for (const other of rooms) {
      if (other !== room && !isAllowed(room, other)) {
        putWrong(room, `wrong-${other}`, `export { ${other} } from '../${other}/room.ts';\n`);
      }
    }
  }
  for (const room of core) for (const [index, text] of hosts.entries()) putWrong(room, `wrong-host-${index}`, text);
  for (const room of ['worker', 'cli']) putWrong(room, 'wrong-document', 'export const page = document;\n');

  const { status, faulty } = compile();
  expect(status).not.toBe(0);
  expect(wrong.filter((file) => !faulty.has(file))).toEqual([]);
});
