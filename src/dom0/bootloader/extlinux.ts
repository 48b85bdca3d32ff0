/** Reads extlinux.conf and isolinux.cfg as pygrub does (docs/xen/pygrub.md, rule 13). */
import { type BootEntry, type BootMenu, ConfigError, commandOf, kernelOf, linesOf, type Warn } from './boot-menu.ts';

const ignored: ReadonlySet<string> = new Set(['serial', 'prompt', 'display', 'f1', 'f2']);

export function readExtlinux(text: string, warn: Warn): BootMenu {
  const entries: string[][] = [];
  let timeout: string | null = null;
  let standard = '';
  for (const line of linesOf(text)) {
    const open = entries.at(-1);
    if (line.toLowerCase().startsWith('label')) entries.push([line]);
    else if (open) open.push(line);
    else {
      const [name, value] = commandOf(line);
      const command = name.toLowerCase();
      if (command === 'default') standard = value.trim();
      else if (command === 'timeout') timeout = value.trim();
      else if (!ignored.has(command)) warn(`Unknown directive ${command}`);
    }
  }
  const read = entries.map((lines) => readEntry(lines, warn));
  return {
    entries: read,
    standard: Math.max(
      0,
      read.findIndex(({ title }) => title === standard),
    ),
    timeout,
    password: null,
    edited: () => {
      throw new ConfigError("reset() missing 1 required positional argument: 'path'");
    },
  };
}

function readEntry(lines: readonly string[], warn: Warn): BootEntry {
  let title = '';
  let kernel: string | null = null;
  let ramdisk: string | null = null;
  let args: string | null = '';
  for (const line of lines) {
    const [name, given] = commandOf(line);
    const command = name.toLowerCase();
    let value = given;
    if (command === 'append' && kernel !== null) {
      if (kernel.endsWith('mboot.c32')) {
        const modules = value.split('---');
        const [image, disk] = modules.length === 3 ? modules.slice(1) : modules.length === 2 ? modules : [];
        if (image) [kernel, args] = kernelOf(image.trim());
        if (disk) ramdisk = disk.trim();
        continue;
      }
      for (const word of value.includes('initrd=') ? value.trim().split(' ') : []) {
        if (!word.toLowerCase().startsWith('initrd=')) continue;
        ramdisk = word.replaceAll('initrd=', '');
        value = value.replaceAll(word, '');
      }
    }
    const plain = value.trim().replace(/^"(.+)"$/, '$1');
    if (command === 'label') title = plain;
    else if (command === 'kernel') [kernel, args] = kernelOf(plain);
    else if (command === 'append') args = plain;
    else warn(`Unknown image directive ${command}`);
  }
  return { title, root: '', kernel, ramdisk, args, lines };
}
