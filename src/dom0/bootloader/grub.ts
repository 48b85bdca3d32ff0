/** Reads GRUB's configurations as pygrub does: grub.cfg and the older menu.lst (docs/xen/pygrub.md, rules 14 to 16). */
import {
  type BootEntry,
  type BootMenu,
  ConfigError,
  commandOf,
  kernelOf,
  linesOf,
  numberOf,
  split,
  type Warn,
} from './boot-menu.ts';

/** What a command sets; null for one that is known and does not count. */
type Commands = Readonly<
  Record<string, 'root' | 'kernel' | 'initrd' | 'default' | 'timeout' | 'password' | 'path' | null>
>;

const nothing = (names: string): Commands => Object.fromEntries(names.split(' ').map((name) => [name, null]));

const grubCommands: Commands = {
  'set:default': 'default',
  'set:timeout': 'timeout',
  'set:root': null,
  ...nothing('terminal insmod load_env save_env search if fi'),
};
const grubEntryCommands: Commands = {
  'set:root': 'root',
  linux: 'kernel',
  linux16: 'kernel',
  initrd: 'initrd',
  initrd16: 'initrd',
  ...nothing('echo insmod search'),
};
const menuCommands: Commands = {
  default: 'default',
  timeout: 'timeout',
  password: 'password',
  splashimage: 'path',
  ...nothing('fallback hiddenmenu bootp color device dhcp hide ifconfig pager partnew parttype rarp serial'),
  ...nothing('setkey terminal terminfo tftpserver unhide'),
};
const menuEntryCommands: Commands = {
  root: 'root',
  rootnoverify: 'root',
  kernel: 'kernel',
  initrd: 'initrd',
  ...nothing('chainloader module'),
};

/** Reads grub.cfg. */
export function readGrub(text: string, warn: Warn): BootMenu {
  const settings = new Settings(grubCommands, warn);
  const entries: BootEntry[] = [];
  let open: { readonly title: string; readonly lines: string[] } | null = null;
  let isInFunction = false;
  let depth = 0;
  for (const line of linesOf(text)) {
    if (line.startsWith('function')) isInFunction = true;
    else if (isInFunction) isInFunction = !line.startsWith('}');
    else {
      const title = /^menuentry ["'](.*?)["'] (.*)\{/.exec(line);
      if (title) {
        if (open) throw new ConfigError('syntax error: cannot nest menuentry');
        open = { title: title[1] ?? '', lines: [] };
      } else if (line.startsWith('submenu')) depth++;
      else if (line.startsWith('}')) {
        if (open) entries.push(readEntry(open.title, open.lines, grubEntryCommands, warn));
        else if (depth > 0) depth--;
        else throw new ConfigError('syntax error: closing brace without menuentry');
        open = null;
      } else if (open) open.lines.push(line);
      else settings.take(line);
    }
  }
  if (open) throw new ConfigError('syntax error: end of file with open menuentry');
  return { entries, ...settings.result, edited: editor(grubEntryCommands, warn) };
}

/** Reads menu.lst or grub.conf. */
export function readGrubMenu(text: string, warn: Warn): BootMenu {
  const settings = new Settings(menuCommands, warn);
  const entries: { readonly title: string; readonly lines: string[] }[] = [];
  for (const line of linesOf(text)) {
    const open = entries.at(-1);
    if (line.startsWith('title')) entries.push({ title: line.slice(6), lines: [] });
    else if (open) open.lines.push(line);
    else settings.take(line);
  }
  // The last entry does not count if nothing is in it.
  if (entries.at(-1)?.lines.length === 0) entries.pop();
  const read = entries.map(({ title, lines }) => readEntry(title, lines, menuEntryCommands, warn));
  return { entries: read, ...settings.result, edited: editor(menuEntryCommands, warn) };
}

/** `set NAME=VALUE` is the command `set:NAME`; the value may be in quotes. */
function grubCommand(line: string): readonly [command: string, argument: string] {
  const [command, argument] = commandOf(line);
  if (command !== 'set') return [command, argument];
  const parts = split(argument, 2);
  const [name, value] = parts;
  if (parts.length !== 2 || name === undefined || value === undefined)
    throw new ConfigError(`not a variable and its value: ${argument}`);
  return [`set:${name}`, /^(["'])(.*)\1/.exec(value)?.[2] ?? value];
}

/** The commands outside entries. */
class Settings {
  private readonly commands: Commands;
  private readonly warn: Warn;
  private standard = 0;
  private timeout: string | null = null;
  private password: string | null = null;

  constructor(commands: Commands, warn: Warn) {
    this.commands = commands;
    this.warn = warn;
  }

  get result(): Pick<BootMenu, 'standard' | 'timeout' | 'password'> {
    return { standard: this.standard, timeout: this.timeout, password: this.password };
  }

  take(line: string): void {
    const isGrub = this.commands === grubCommands;
    const [command, argument] = isGrub ? grubCommand(line) : commandOf(line);
    const sets = this.commands[command];
    let value = argument.trim();
    if (sets === undefined && !command.startsWith('set:')) this.warn(`Unknown directive ${command}`);
    if (sets === 'timeout') this.timeout = value;
    if (sets === 'password') this.password = value;
    if (sets === 'path') pathOf(value);
    if (sets !== 'default') return;
    if (isGrub && ['$' + '{saved_entry}', '$' + '{next_entry}'].includes(value)) {
      this.warn("grub2's saved_entry/next_entry not supported");
      value = '0';
    }
    const number = value === 'saved' ? 0 : numberOf(value);
    if (number === null) this.warn(`Invalid value ${value}, setting default to 0`);
    this.standard = number ?? 0;
    if (this.standard < 0) throw new ConfigError('default must be non-negative number');
  }
}

const editor =
  (commands: Commands, warn: Warn): BootMenu['edited'] =>
  ({ title }, lines) =>
    readEntry(title, lines, commands, warn);

function readEntry(title: string, lines: readonly string[], commands: Commands, warn: Warn): BootEntry {
  let root = 'None';
  let kernel: string | null = null;
  let ramdisk: string | null = null;
  let args: string | null = null;
  for (const line of lines) {
    const [command, argument] = commands === grubEntryCommands ? grubCommand(line) : commandOf(line);
    const sets = commands[command];
    const value = argument.trim();
    if (sets === undefined && !command.startsWith('set:')) warn(`Unknown image directive ${command}`);
    if (sets === 'root') root = devicesOf(value);
    if (sets === 'initrd') ramdisk = pathOf(value);
    if (sets !== 'kernel') continue;
    const [path, rest] = kernelOf(value);
    [kernel, args] = [pathOf(path), rest];
  }
  return { title: title.trim(), root, kernel, ramdisk, args, lines };
}

/** A path without the GRUB device before it (rule 16). */
function pathOf(text: string): string {
  if (!text.startsWith('(')) return text;
  const end = text.indexOf(')');
  if (end < 0) throw new ConfigError("Unable to find matching ')'");
  devicesOf(text.slice(0, end));
  return text.slice(end + 1);
}

/** A GRUB device such as `(hd0,msdos1)`, as pygrub shows it. */
function devicesOf(text: string): string {
  const parts = text.split(',').map((part) => part.replace(/[()]/g, ''));
  const [disk = '', partition] = parts;
  const diskNumber = numberOf(disk.slice(2));
  const partitionNumber = partition === undefined ? 0 : numberOf(partition.replace(/^msdos/, '').replace(/^gpt/, ''));
  if (parts.length > 2 || diskNumber === null || partitionNumber === null)
    throw new ConfigError(`not a device: ${text}`);
  return partition === undefined ? `d${diskNumber}` : `d${diskNumber}p${partitionNumber}`;
}
