import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SparseDisk } from '../../../soc/storage/disk.ts';
import { DiskPart } from '../../../soc/storage/filesystems/disk-part.ts';
import { makeFat } from '../../../soc/storage/filesystems/fat/make.ts';
import { runPygrub } from '../pygrub.ts';
import { MenuBench } from './menu-testing.ts';

/**
 * What Debian's pygrub of Xen 4.17.7 showed on a terminal of 80 by 24 characters with TERM=vt100, as libxl starts it: which
 * rows were new after each key, or after waiting, and where the cursor stood; then what it found.
 */
interface Recorded {
  readonly name: string;
  readonly configs: Readonly<Record<string, string>>;
  readonly present: readonly string[];
  readonly args: readonly string[];
  readonly keys: readonly string[];
  readonly steps: readonly { readonly rows: Readonly<Record<string, string>>; readonly cursor?: readonly number[] }[];
  readonly output: readonly string[];
  readonly exit: number;
}
const recorded = readFileSync(new URL('../recorded/pygrub-menu.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** How long the recorder waited: at first, while pygrub started, and after a key. */
const seconds = { start: 0.7, key: 0.35 } as const;

test.each(recorded)('$name: the same screens', ({ configs, present, args, keys, steps, output, exit }) => {
  const disk = new SparseDisk(4096);
  const files = [...Object.entries(configs), ...present.map((path) => [path, path] as const)];
  makeFat(
    new DiskPart(disk, 0),
    files.map(([path, text]) => ({ path, bytes: encoder.encode(text) })),
  );
  const bench = new MenuBench((terminal) =>
    runPygrub(['--output-format=simple0', ...args, 'DISK'], () => disk, terminal),
  );
  const rows = new Array<string>(24).fill('');
  const compare = (step: Recorded['steps'][number] | undefined): void => {
    if (!step) return;
    for (const [y, row] of Object.entries(step.rows)) rows[Number(y)] = row;
    expect(bench.terminal.rows).toEqual(rows);
    if (step.cursor) expect(bench.terminal.cursor).toEqual(step.cursor);
  };
  bench.pass(seconds.start);
  compare(steps[0]);
  for (const [i, key] of keys.entries()) {
    if (key.startsWith('wait')) bench.pass(Number(key.slice(4)));
    else {
      bench.type(key);
      bench.pass(seconds.key);
    }
    compare(steps[i + 1]);
  }
  const { result } = bench;
  const boot = result?.boot;
  const items = boot && [
    `kernel ${decoder.decode(boot.kernel)}`,
    ...(boot.ramdisk ? [`ramdisk ${decoder.decode(boot.ramdisk)}`] : []),
    ...(boot.args === null ? [] : [`args ${boot.args}`]),
  ];
  expect({ items: items ?? [], exit: result?.exitCode }).toEqual({ items: output, exit });
});
