import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Disk, SparseDisk } from '../../soc/storage/disk.ts';
import { DiskPart } from '../../soc/storage/filesystems/disk-part.ts';
import { makeFat, type NewFile } from '../../soc/storage/filesystems/fat/make.ts';
import { gptTypes, writeGpt } from '../../soc/storage/partitions/gpt.ts';
import { writeMbr } from '../../soc/storage/partitions/mbr.ts';
import { MenuBench } from './menu/menu-testing.ts';
import { type PygrubResult, runPygrub } from './pygrub.ts';

/** What Debian's pygrub of Xen 4.17.7 printed on a disk with these files; each of `present` has its path as contents. */
interface Recorded {
  readonly configs: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  readonly present: readonly string[];
  readonly output: readonly string[];
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: number;
}
const recorded = readFileSync(new URL('recorded/pygrub.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded)
  .map((each) => [`${JSON.stringify(each.configs)} ${each.args.join(' ')}`, each] as const);

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const file = (path: string, text = path): NewFile => ({ path, bytes: encoder.encode(text) });

const diskWith = (files: readonly NewFile[], first = 0, sectors = 4096): Disk => {
  const disk = new SparseDisk(sectors);
  makeFat(new DiskPart(disk, first), files);
  return disk;
};

/** Runs it for so many seconds, while nobody types. */
function run(words: readonly string[], disk: Disk | null, seconds = 0.1): PygrubResult & { readonly text: string } {
  const bench = new MenuBench((terminal) => runPygrub(words, () => disk, terminal));
  bench.pass(seconds);
  if (!bench.result) throw new Error('pygrub has not ended');
  return { ...bench.result, text: bench.terminal.text };
}

it.each(recorded)('%s', (_, { configs, args, present, output, stdout, stderr, exit }) => {
  const files = [
    ...Object.entries(configs).map(([path, text]) => file(path, text)),
    ...present.map((path) => file(path)),
  ];
  const disk = diskWith(files);
  const { boot, options, exitCode, text } = run(['-q', '--output-format=simple0', ...args, 'DISK'], disk);
  const items = boot
    ? [
        `kernel ${options?.notReally ? 'None' : decoder.decode(boot.kernel)}`,
        ...(boot.ramdisk ? [`ramdisk ${decoder.decode(boot.ramdisk)}`] : []),
        ...(boot.args === null ? [] : [`args ${boot.args}`]),
      ]
    : [];
  // Real pygrub's standard output comes late where it is no terminal.
  const linesOf = (text: string): string[] => text.split('\n').sort();
  expect({ items, lines: linesOf(text), exit: exitCode }).toEqual({
    items: output,
    lines: linesOf(stdout + stderr),
    exit,
  });
});

describe('pygrub', () => {
  const entry = [file('/extlinux.conf', 'timeout 3\nlabel a\n kernel /k\n'), file('/k')];
  const kernelOf = (disk: Disk, ...args: readonly string[]): string | null => {
    const { boot } = run(['-q', ...args, 'DISK'], disk);
    return boot && decoder.decode(boot.kernel);
  };

  it('takes the first partition with a kernel, of an MBR and a GPT', () => {
    const disk = new SparseDisk(16384);
    makeFat(new DiskPart(disk, 64, 2000), [file('/nothing')]);
    makeFat(new DiskPart(disk, 4096, 4096), entry);
    writeMbr(disk, [
      { firstSector: 64, sectors: 2000, type: 0x0c },
      { firstSector: 4096, sectors: 4096, type: 0x0c, isActive: true },
    ]);
    expect(kernelOf(disk)).toBe('/k');
    writeMbr(disk, [{ firstSector: 4096, sectors: 4096, type: 0x82 }]);
    expect(kernelOf(disk)).toBeNull();
    writeGpt(disk, [
      { firstSector: 64, sectors: 2000, type: gptTypes.linux },
      { firstSector: 4096, sectors: 4096, type: gptTypes.linux },
    ]);
    expect(kernelOf(disk)).toBe('/k');
    expect(kernelOf(disk, `--offset=${4096 * 512}`)).toBe('/k');
  });

  it('says what is wrong with the disk', () => {
    expect(run(['none'], null)).toMatchObject({ exitCode: 1, boot: null });
    const text = (disk: Disk): string => run(['-q', '--debug', 'DISK'], disk).text;
    expect(text(new SparseDisk(0))).toContain('there is no file system that can be read');
    expect(text(diskWith([file('/k')]))).toContain("couldn't find bootloader config file in the image provided.");
  });
});
