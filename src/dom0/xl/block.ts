/** xl's commands for disks: block-attach, block-list, block-detach, cd-insert, cd-eject (tools/xl/xl_block.c, xl_cdrom.c). */
import { type Disk, readDisk } from '../config/devices/disk.ts';
import { Spec } from '../config/devices/fields.ts';
import { parseConfig } from '../config/language/parser.ts';
import { ConfigReader, Ended } from '../config/language/reader.ts';
import { printJson } from '../libxl/config-json.ts';
import { hostOf } from '../libxl/create.ts';
import { attachDisk, detachDisk, disksOf } from '../libxl/devices/disks.ts';
import { virtualDisk } from '../libxl/devices/virtual-disk.ts';
import { findDomain } from '../libxl/names.ts';
import { resolvePath } from '../os/files.ts';
import { atOnce, Exit, type Subcommand, type Xl, type XlCommand } from './command.ts';
import { domainOf } from './domains.ts';

/** Reads a disk specification of the command line (parse_disk_config_multistring). */
function diskOf({ context }: Xl, text: string): Disk {
  const reader = new ConfigReader(parseConfig('', 'command line'), 'command line');
  try {
    const disk = readDisk(new Spec(text, 'disk', { start: 0, end: 0 }, reader));
    for (const line of reader.lines) context.err(`${line}\n`);
    return disk;
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
    throw new Exit(reader.lines.map((line) => `${line}\n`).join(''), error.exitCode);
  }
}

const attach: Subcommand = function* (xl, { operands: [qualifier = '', ...words] }) {
  const { libxl, context } = xl;
  const domid = findDomain(libxl, qualifier);
  if (domid === null) throw new Exit(`${qualifier} is an invalid domain identifier\n`);
  const disk = diskOf(xl, words.join(','));
  if (xl.dryRun) {
    context.out(`disk: ${printJson(disk.fields)}\n\n`);
    return 0;
  }
  const { directory } = context;
  if (!libxl.records.has(domid)) {
    throw new Exit(
      `libxl: error: libxl_dom.c:37:libxl__domain_type: unable to get domain type for domid=${domid}\nlibxl: error: libxl_device.c:1486:device_addrm_aocomplete: unable to add device\nlibxl_device_disk_add failed.\n`,
    );
  }
  yield* libxl.deferred.need(disk.target === null ? [] : [resolvePath(disk.target, directory)]);
  const lines = yield* attachDisk(libxl, domid, disk, hostOf(libxl, directory), directory);
  for (const line of lines) context.err(`${line}\n`);
  if (lines.length === 0) return 0;
  context.err('libxl_device_disk_add failed.\n');
  return 1;
};

const columns = [-5, -3, -6, -5, -6, -8, -30];
const row = (...cells: readonly (string | number)[]): string =>
  `${cells.map((cell, i) => String(cell).padEnd(-(columns[i] ?? 0))).join(' ')}\n`;

const list = atOnce(({ libxl, context }, { operands }) => {
  context.out(row('Vdev', 'BE', 'handle', 'state', 'evt-ch', 'ring-ref', 'BE-path'));
  for (const qualifier of operands) {
    const domid = findDomain(libxl, qualifier);
    if (domid === null) {
      context.err(`${qualifier} is an invalid domain identifier\n`);
      continue;
    }
    for (const { devid, backDomid, state, port, ring, back } of disksOf(libxl, domid))
      context.out(row(devid, backDomid, domid, state, port, ring, back));
  }
  return 0;
});

const detach: Subcommand = function* (xl, { options, operands: [qualifier = '', vdev = ''] }) {
  const { libxl, context } = xl;
  const { domainId: domid } = domainOf(xl, qualifier);
  const devid = virtualDisk(vdev);
  const isKnown = devid !== null && disksOf(libxl, domid).some((disk) => disk.devid === devid);
  if (devid === null || !isKnown) {
    const path = `/libxl/${domid}/device/vbd/${devid}`;
    if (devid !== null)
      context.err(
        `libxl: error: libxl_disk.c:516:libxl__disk_from_xenstore: disk ${path} does not exist (no backend path\n`,
      );
    throw new Exit(`Error: Device ${vdev} not connected.\n`);
  }
  const force = options.has('f');
  const lines = yield* detachDisk(libxl, domid, devid, force);
  for (const line of lines) context.err(`${line}\n`);
  if (lines.length === 0) return 0;
  context.err(`libxl_device_disk_${force ? 'destroy' : 'safe_remove'} failed.\n`);
  return 1;
};

/** Only a guest whose CD drive QEMU emulates can change its medium, and there is none on Arm. */
const insert = (xl: Xl, qualifier: string, vdev: string, path: string): number => {
  const { domainId: domid } = domainOf(xl, qualifier);
  const { files, directory, err } = xl.context;
  const { target } = diskOf(xl, `vdev=${vdev},access=r,devtype=cdrom,target=${path}`);
  if (path !== '' && !files.exists(resolvePath(path, directory))) {
    err(`Cannot stat file: ${target}\n`);
    return 1;
  }
  err(`libxl: error: libxl_disk.c:838:libxl_cdrom_insert: Domain ${domid}:cdrom-insert requires an HVM domain\n`);
  return 1;
};

export const blockAttachCommand: XlCommand = {
  name: 'block-attach',
  summary: 'Create a new virtual block device',
  takesDomain: true,
  syntax: { global: 'fN', usage: '<Domain> <disk-spec-component(s)>...', required: 2 },
  run: attach,
};

export const blockListCommand: XlCommand = {
  name: 'block-list',
  summary: 'List virtual block devices for a domain',
  takesDomain: true,
  syntax: { usage: '<Domain(s)>', required: 1 },
  run: list,
};

export const blockDetachCommand: XlCommand = {
  name: 'block-detach',
  summary: "Destroy a domain's virtual block device",
  takesDomain: true,
  syntax: {
    global: 'f',
    usage: '[option] <Domain> <DevId>',
    options: ['-f, --force        do not wait for the domain to release the device'],
    short: 'f',
    long: { force: 'f' },
    required: 2,
  },
  run: detach,
};

export const cdInsertCommand: XlCommand = {
  name: 'cd-insert',
  summary: "Insert a cdrom into a guest's cd drive",
  takesDomain: true,
  syntax: { global: 'fN', usage: '<Domain> <VirtualDevice> <path>', required: 3 },
  run: atOnce((xl, { operands: [domain = '', vdev = '', path = ''] }) => insert(xl, domain, vdev, path)),
};

export const cdEjectCommand: XlCommand = {
  name: 'cd-eject',
  summary: "Eject a cdrom from a guest's cd drive",
  takesDomain: true,
  syntax: { global: 'fN', usage: '<Domain> <VirtualDevice>', required: 2 },
  run: atOnce((xl, { operands: [domain = '', vdev = ''] }) => insert(xl, domain, vdev, '')),
};
