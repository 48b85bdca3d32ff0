/** LVM's programs, as far as a volume group with plain volumes needs them; words as in lvm2 2.03. */
import { maximumDiskSize } from '../../../soc/storage/disk.ts';
import type { Program, ProgramContext } from '../../os/program.ts';
import { simple } from './common.ts';

/** The only volume group: `/dev/vg`. */
const group = 'vg';
const groupSize = 4 * 2 ** 30;
const extent = 4 * 2 ** 20;
/** LVM's exit codes: a wrong command line, and a command that failed. */
const [wrong, failed] = [3, 5];

const units: Readonly<Record<string, number>> = { b: 1, s: 512, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

const sizeText = (bytes: number): string => {
  const unit = bytes >= 2 ** 30 ? 'g' : 'm';
  const exact = bytes / (units[unit] as number);
  const shown = exact.toFixed(2);
  return `${Number(shown) > exact ? '<' : ''}${shown}${unit}`;
};

const volumesOf = ({ files }: ProgramContext): { name: string; size: number }[] => {
  const listed = files.list(`/dev/${group}`);
  return listed.ok ? listed.value.filter(({ isDisk }) => isDisk) : [];
};

const say = (context: ProgramContext, code: number, ...lines: string[]): number => {
  for (const line of lines) context.err(`  ${line}\n`);
  return code;
};

const noGroup = (context: ProgramContext, name: string): number =>
  say(context, failed, `Volume group "${name}" not found`, `Cannot process volume group ${name}`);

/** Splits arguments into options with their values, and operands. */
const split = (args: readonly string[], valued: Readonly<Record<string, string>>) => {
  const options = new Map<string, string>();
  const operands: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    const [, long, value] = arg.match(/^(--[a-z]+)=(.*)$/) ?? [];
    const name = valued[long ?? arg] ?? valued[arg.slice(0, 2)];
    if (name === undefined && arg.startsWith('-')) options.set(arg, '');
    else if (name === undefined) operands.push(arg);
    else options.set(name, value ?? (/^-[A-Za-z]./.test(arg) ? arg.slice(2) : (args[++i] ?? '')));
  }
  return { options, operands };
};

export const lvcreateProgram: Program = {
  name: 'lvcreate',
  summary: `make a volume in the volume group ${group}`,
  complete: () => ['-L', '-n', group],
  run: simple((context) => {
    const valued = { '-L': 'size', '--size': 'size', '-n': 'name', '--name': 'name' };
    const { options, operands } = split(context.args, valued);
    const strange = [...options.keys()].find((option) => !['size', 'name', '-y', '--yes'].includes(option));
    const help = "Run `lvcreate --help' for more information.";
    if (strange !== undefined) return say(context, wrong, `Unrecognized option: ${strange}`, help);
    const [, digits, unit = 'm'] = options.get('size')?.match(/^(\d{1,9}(?:\.\d{1,3})?)([bskmgt]?)/i) ?? [];
    if (digits === undefined) return say(context, wrong, 'Please specify either size or extents.', help);
    const [where] = operands;
    if (where === undefined) return say(context, wrong, 'Please provide a volume group name', help);
    if (where.replace('/dev/', '') !== group) return noGroup(context, where);
    const asked = Number(digits) * (units[unit.toLowerCase() || 'm'] as number);
    if (asked <= 0) return say(context, wrong, 'Size may not be zero.', help);
    const volumes = volumesOf(context);
    const isThere = (each: string): boolean => volumes.some((volume) => volume.name === each);
    let name = options.get('name')?.replace(`${group}/`, '') ?? '';
    for (let n = 0; name === '' || (!options.has('name') && isThere(name)); n++) name = `lvol${n}`;
    if (!/^[A-Za-z0-9+_.][A-Za-z0-9+_.-]{0,100}$/.test(name) || /^\.{1,2}$/.test(name))
      return say(context, wrong, `Logical volume name "${name}" is invalid.`, help);
    if (isThere(name))
      return say(context, failed, `Logical Volume "${name}" already exists in volume group "${group}"`);
    const size = Math.ceil(asked / extent) * extent;
    if (size !== asked)
      context.out(`  Rounding up size to full physical extent ${sizeText(size).replace('m', ' MiB')}\n`);
    if (size > maximumDiskSize)
      return say(context, failed, 'No volume of this simulator is larger than 1 GiB: take less.');
    const free = (groupSize - volumes.reduce((sum, volume) => sum + volume.size, 0)) / extent;
    if (size / extent > free) {
      const needed = `${size / extent} required.`;
      return say(context, failed, `Volume group "${group}" has insufficient free space (${free} extents): ${needed}`);
    }
    const made = context.files.makeDevice(`/dev/${group}/${name}`, size);
    if (!made.ok) return say(context, failed, `/dev/${group}/${name}: ${made.error}`);
    context.out(`  Logical volume "${name}" created.\n`);
    return 0;
  }),
};

export const lvsProgram: Program = {
  name: 'lvs',
  summary: 'list volumes',
  run: simple((context) => {
    const volumes = volumesOf(context);
    if (volumes.length === 0) return 0;
    const width = Math.max(2, ...volumes.map(({ name }) => name.length));
    context.out(`  ${'LV'.padEnd(width)} VG Attr       LSize\n`);
    for (const { name, size } of volumes)
      context.out(`  ${name.padEnd(width)} ${group} -wi-a----- ${sizeText(size).padStart(7)}\n`);
    return 0;
  }),
};

/** @param isUsed whether a domain has the file as a disk */
export const lvremoveProgram = (isUsed: (path: string) => boolean): Program => ({
  name: 'lvremove',
  summary: 'remove a volume and what is on it',
  complete: () => ['-y'],
  run: simple((context) => {
    const { options, operands } = split(context.args, {});
    if (operands.length === 0) {
      const help = "Run `lvremove --help' for more information.";
      return say(context, wrong, 'Please enter one or more logical volume paths', help);
    }
    let code = 0;
    for (const operand of operands) {
      const [, where, name] = operand.match(/^(?:\/dev\/)?([^/]+)\/([^/]+)$/) ?? [];
      if (where !== group || name === undefined) code = noGroup(context, where ?? operand.replace('/dev/', ''));
      else if (!volumesOf(context).some((volume) => volume.name === name))
        code = say(context, failed, `Failed to find logical volume "${group}/${name}"`);
      else if (isUsed(`/dev/${group}/${name}`)) code = say(context, failed, `Logical volume ${group}/${name} in use.`);
      else if (![...options.keys()].some((option) => /^(-[yf]+|--yes|--force)$/.test(option))) {
        // As without a person who answers.
        context.err(`Do you really want to remove active logical volume ${group}/${name}? [y/n]: [n]\n`);
        code = say(context, failed, `Logical volume ${group}/${name} not removed.`, 'With -y it is removed.');
      } else {
        context.files.remove(`/dev/${group}/${name}`);
        context.out(`  Logical volume "${name}" successfully removed.\n`);
      }
    }
    return code;
  }),
});
