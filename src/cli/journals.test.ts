import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { fromFile, toFile } from '../session/snapshot/file.ts';
import { unknownHash } from '../session/snapshot/snapshot.ts';

const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const kernel = file('guests/build/hello.img');

test('a journal is written, and played from power-on and from a snapshot to the same state', {
  timeout: 240_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'el2lab-journal-'));
  const run = (...args: string[]) => {
    const { status, stderr } = spawnSync(file('bin/el2lab'), args, { input: '', encoding: 'utf8', cwd: folder });
    return { status, stderr };
  };
  const hashOf = (path: string): unknown => JSON.parse(readFileSync(join(folder, path), 'utf8')).stateHash;
  try {
    const typed = ['--input', 'key comes back=>abc', '--virtual-seconds', '0.02'];
    run('boot', '--kernel', kernel, ...typed, '--journal', 'j.snap', '--save', 'm.snap@0.001', '--stats', 'a.json');
    const limits = ['--virtual-seconds', '0.02', '--stats', 'b.json'];
    for (const start of [
      ['boot', '--kernel', kernel],
      ['resume', 'm.snap'],
    ]) {
      const { status, stderr } = run(...start, '--replay', 'j.snap', ...limits);
      expect(stderr).toContain('j.snap is played until 0.020000 s, in the recorded state.');
      expect([status, hashOf('b.json')]).toEqual([3, hashOf('a.json')]);
    }
    // Of an earlier moment that was chosen, no hash is known.
    const journal = await fromFile('j.snap', new Uint8Array(readFileSync(join(folder, 'j.snap'))));
    if (!journal.ok) throw new Error(journal.error);
    const earlier = {
      ...journal.value,
      journal: { ...journal.value.journal, inputs: [], slices: 10 },
      hash: unknownHash,
    };
    writeFileSync(join(folder, 'e.snap'), Buffer.concat(await toFile(earlier)));
    expect(run('resume', 'e.snap', '--virtual-seconds', '0.001').stderr).toContain('it is at 0.000500 s.');
    // The snapshot is of before the journal's end.
    const wrong = run('resume', 'j.snap', '--replay', 'm.snap');
    expect(wrong.stderr).toContain('m.snap: The journal ends before this moment.');
    expect(wrong.status).toBe(2);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
