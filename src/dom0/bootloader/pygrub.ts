/** pygrub: finds a guest's kernel on its disk (docs/xen/pygrub.md). */
import type { Disk } from '../../soc/storage/disk.ts';
import { FileSystemError } from '../../soc/storage/filesystems/disk-part.ts';
import type { FileTree } from '../../soc/storage/filesystems/file-tree.ts';
import { openFileSystem } from '../../soc/storage/filesystems/open.ts';
import type { Task } from '../os/task.ts';
import { type BootMenu, ConfigError, numberOf, type ReadMenu } from './boot-menu.ts';
import { readExtlinux } from './extlinux.ts';
import { readGrub, readGrubMenu } from './grub.ts';
import type { MenuTerminal } from './menu/keys.ts';
import { chooseEntry } from './menu/menu.ts';
import { partitionOffsets } from './partition-offsets.ts';
import { type PygrubOptions, readPygrubOptions } from './pygrub-options.ts';

/** What it prints and finds. */
export interface PygrubResult {
  readonly exitCode: number;
  /** What is to be booted; null if it found nothing, or was only asked for a list. */
  readonly boot: BootFiles | null;
  readonly options: PygrubOptions | null;
}

/** A kernel from a guest's disk. With `--not-really` the files are empty. */
export interface BootFiles {
  readonly kernel: Uint8Array;
  readonly ramdisk: Uint8Array | null;
  readonly args: string | null;
}

/** The configurations in the order in which they are looked for (rule 11), each with its class in pygrub. */
const configs: readonly (readonly [path: string, reader: ReadMenu, className: string])[] = [
  ...['/boot/grub', '/grub', '/boot/grub2', '/grub2'].map(
    (folder) => [`${folder}/grub.cfg`, readGrub, 'GrubConf.Grub2ConfigFile'] as const,
  ),
  ...['/boot/isolinux/isolinux.cfg', '/boot/extlinux/extlinux.conf', '/boot/extlinux.conf'].map(
    (path) => [path, readExtlinux, 'ExtLinuxConf.ExtLinuxConfigFile'] as const,
  ),
  ...['/extlinux/extlinux.conf', '/extlinux.conf'].map(
    (path) => [path, readExtlinux, 'ExtLinuxConf.ExtLinuxConfigFile'] as const,
  ),
  ...['/boot/grub/menu.lst', '/boot/grub/grub.conf', '/grub/menu.lst', '/grub/grub.conf'].map(
    (path) => [path, readGrubMenu, 'GrubConf.GrubConfigFile'] as const,
  ),
];
/** As much of a configuration as is read. */
const mostConfig = 2 ** 20;

/** Ends pygrub with exit code 1; the message has been printed. */
class Stop extends Error {}

interface Choice {
  readonly kernel: string;
  readonly ramdisk: string | null;
  readonly args: string;
}

/**
 * Runs pygrub with these arguments. `openDisk` gives the disk at a path in Dom0. It prints and shows its menu on the
 * terminal: standard output and standard error, in the order in which they are written.
 */
export function* runPygrub(
  words: readonly string[],
  openDisk: (path: string) => Disk | null,
  terminal: MenuTerminal,
): Task<PygrubResult> {
  const print = (line: string): void => terminal.write(`${line}\n`);
  const failed = (options: PygrubOptions | null = null): PygrubResult => ({ exitCode: 1, boot: null, options });
  const options = readPygrubOptions(words, print);
  if (!options) return failed();
  const disk = openDisk(options.disk);
  if (!disk) {
    print(`FileNotFoundError: [Errno 2] No such file or directory: '${options.disk}'`);
    return failed(options);
  }
  const offsets = options.offset === null ? partitionOffsets(disk) : [options.offset / 512];
  for (const offset of offsets) {
    try {
      const files = Number.isInteger(offset) ? openFileSystem(disk, offset) : null;
      if (!files) throw new ConfigError('there is no file system that can be read');
      const choice = yield* choose(files, options, terminal);
      if (options.list) return { exitCode: 0, boot: null, options };
      return { exitCode: 0, boot: load(files, choice, options, print), options };
    } catch (error) {
      if (error instanceof Stop) return failed(options);
      if (!(error instanceof ConfigError) && !(error instanceof FileSystemError)) throw error;
      if (options.debug) print(`RuntimeError: ${error.message}`);
    }
  }
  if (options.list) return { exitCode: 0, boot: null, options };
  print('Traceback (most recent call last):');
  print('  File "/usr/lib/xen-4.17/bin/pygrub", line 1032, in <module>');
  print('    raise RuntimeError("Unable to find partition containing kernel")');
  print('RuntimeError: Unable to find partition containing kernel');
  return failed(options);
}

/** What is to be booted from a file system. Throws ConfigError if there is nothing. */
function* choose(files: FileTree, options: PygrubOptions, terminal: MenuTerminal): Task<Choice> {
  if (options.kernel !== null) return { kernel: options.kernel, ramdisk: options.ramdisk, args: options.args };
  const found = configs.find(([path]) => files.kindOf(path) === 'file');
  if (!found) throw new ConfigError("couldn't find bootloader config file in the image provided.");
  const [path, read, className] = found;
  const print = (line: string): void => terminal.write(`${line}\n`);
  print(`Using <class 'grub.${className}'> to parse ${path}`);
  const config = new TextDecoder().decode(files.read(path).subarray(0, mostConfig));
  const warn = (what: string): void => print(`WARNING:root:${what}`);
  const menu = read(config, warn);
  if (options.list) list(menu, print);
  let selected = menu.standard;
  if (selected > menu.entries.length) {
    warn('Default image not found');
    selected = 0;
  }
  let entries = menu.entries;
  if (options.interactive && !options.list) ({ selected, entries } = yield* chooseEntry(menu, selected, terminal));
  const entry = entries[chosen(menu, options.entry) ?? selected] ?? entries[0];
  if (!entry || entry.kernel === null) throw new ConfigError('there is no kernel');
  const args = (entry.args ?? '') + (options.args === '' ? '' : ` ${options.args}`);
  return { kernel: entry.kernel, ramdisk: entry.ramdisk, args };
}

/** The number of the entry that is asked for; null if there is none of that number or title. */
function chosen({ entries }: BootMenu, wanted: string | null): number | null {
  if (wanted === null) return null;
  const index = numberOf(wanted) ?? entries.findIndex(({ title }) => title === wanted);
  return index >= 0 && index < entries.length ? index : null;
}

/** `--list-entries`; pygrub stops at the first entry without kernel or ramdisk, and tries the next partition. */
function list({ entries }: BootMenu, print: (line: string) => void): void {
  for (const { title, root, kernel, args, ramdisk } of entries) {
    print(`title: ${title}`);
    print(`  root: ${root}`);
    if (kernel === null) throw new ConfigError('there is no kernel');
    print(`  kernel: ${kernel}`);
    print(`  args: ${args ?? 'None'}`);
    if (ramdisk === null) throw new ConfigError('there is no ramdisk');
    print(`  initrd: ${ramdisk}`);
  }
}

function load(files: FileTree, choice: Choice, { notReally }: PygrubOptions, print: (line: string) => void): BootFiles {
  const read = (path: string, what: string): Uint8Array => {
    const isThere = files.kindOf(path) === 'file';
    if (isThere) return notReally ? new Uint8Array() : files.read(path);
    if (notReally) print(`The requested ${what} file does not exist`);
    else {
      print('[Errno 2] No such file or directory');
      print(`Error opening ${path} in guest`);
    }
    throw new Stop();
  };
  const kernel = read(choice.kernel, 'kernel');
  const ramdisk = choice.ramdisk === null || choice.ramdisk === '' ? null : read(choice.ramdisk, 'ramdisk');
  return { kernel, ramdisk, args: choice.args === '' ? null : choice.args };
}
