/**
 * xl's commands for PCI devices (tools/xl/xl_pci.c). The board has no PCI bus and Dom0 no pciback, so they answer as the
 * real ones do on such a host.
 */
import { atOnce, Exit, type Subcommand, type XlCommand } from '../command.ts';
import { domainOf } from '../domains.ts';
import { noTypeOf } from './no-type.ts';

interface Address {
  readonly domain: number;
  readonly bus: number;
  readonly device: number;
  readonly fn: number;
}

/** A device's address, [DDDD:]BB:DD.F; what may follow for a device to be attached is not looked at. */
function addressOf(text: string): Address | null {
  const [, domain = '0', bus = '', device = '', fn = ''] =
    /^(?:([\da-f]{1,4}):)?([\da-f]{1,2}):([\da-f]{1,2})\.([0-7])(?:[@,].*)?$/i.exec(text) ?? [];
  const number = (digits: string): number => Number.parseInt(digits, 16);
  return bus === '' ? null : { domain: number(domain), bus: number(bus), device: number(device), fn: number(fn) };
}

const hex = (value: number, width = 1): string => value.toString(16).padStart(width, '0');
const short = ({ domain, bus, device, fn }: Address): string => `${hex(domain)}:${hex(bus)}:${hex(device)}.${hex(fn)}`;
const whole = ({ domain, bus, device, fn }: Address): string =>
  `${hex(domain, 4)}:${hex(bus, 2)}:${hex(device, 2)}.${hex(fn)}`;

const noPciback =
  'libxl: error: libxl_pci.c:444:libxl_device_pci_assignable_list: Looks like pciback driver not loaded\n';
const aborted = (what: 'add' | 'remove'): string =>
  `libxl: error: libxl_device.c:1486:device_addrm_aocomplete: unable to ${what} device\n`;

const attach: Subcommand = atOnce((xl, { operands: [qualifier = '', text = ''] }) => {
  const { domainId } = domainOf(xl, qualifier);
  const address = addressOf(text);
  if (!address) throw new Exit(`pci-attach: malformed PCI_SPEC_STRING "${text}"\n`, 2);
  const from = 'libxl: error: libxl_pci.c';
  const failed = (of: string, code: number): string =>
    `${from}:1809:device_pci_add_done: ${of}libxl__device_pci_add failed for PCI device ${short(address)} (rc ${code})\n`;
  if (domainId === 0)
    throw new Exit(
      `${noTypeOf(0)}${from}:1658:libxl__device_pci_add: PCI device ${whole(address)} cannot be assigned - no IOMMU?\n${failed('', -1)}${aborted('add')}`,
    );
  const of = `Domain ${domainId}:`;
  throw new Exit(
    `${noPciback}${from}:1677:libxl__device_pci_add: ${of}PCI device ${short(address)} is not assignable\n${failed(of, -3)}${aborted('add')}`,
  );
});

const detach: Subcommand = atOnce((xl, { operands: [qualifier = '', text = ''] }) => {
  const { domainId } = domainOf(xl, qualifier);
  if (!addressOf(text)) throw new Exit(`pci-detach: malformed PCI_SPEC_STRING "${text}"\n`, 2);
  throw new Exit(`${domainId === 0 ? noTypeOf(0) : ''}${aborted('remove')}`);
});

const list = atOnce((xl, { operands: [qualifier = ''] }) => {
  domainOf(xl, qualifier);
  return 0;
});

const addAssignable = atOnce((_, { operands: [text = ''] }) => {
  const address = addressOf(text);
  if (!address) throw new Exit(`pci-assignable-add: malformed BDF "${text}"\n`, 2);
  throw new Exit(
    `libxl: error: libxl_pci.c:792:libxl__device_pci_assignable_add: Couldn't lstat /sys/bus/pci/devices/${whole(address)}: No such file or directory\n`,
  );
});

const removeAssignable = atOnce((_, { operands: [text = ''] }) => {
  const address = addressOf(text);
  if (!address) throw new Exit(`pci-assignable-remove: malformed BDF '${text}'\n`, 2);
  throw new Exit(
    `libxl: error: libxl_pci.c:906:libxl__device_pci_assignable_remove: failed to de-quarantine ${whole(address)}\n`,
  );
});

const listAssignable = atOnce((xl) => {
  xl.context.err(noPciback);
  return 0;
});

export const pciCommands: readonly XlCommand[] = [
  {
    name: 'pci-attach',
    summary: 'Insert a new pass-through pci device',
    takesDomain: true,
    syntax: { global: 'f', usage: '<Domain> <PCI_SPEC_STRING>', required: 2 },
    run: attach,
  },
  {
    name: 'pci-detach',
    summary: "Remove a domain's pass-through pci device",
    takesDomain: true,
    syntax: { global: 'f', usage: '<Domain> <PCI_SPEC_STRING>', required: 2 },
    run: detach,
  },
  {
    name: 'pci-list',
    summary: 'List pass-through pci devices for a domain',
    takesDomain: true,
    syntax: { usage: '<Domain>', required: 1 },
    run: list,
  },
  {
    name: 'pci-assignable-add',
    summary: 'Make a device assignable for pci-passthru',
    syntax: {
      global: 'f',
      usage: '[options] <BDF>',
      options: ['-n NAME, --name=NAME    Name the assignable device.', '-h                      Print this help.', ''],
      short: 'n:',
      long: { name: 'n' },
      required: 1,
    },
    run: addAssignable,
  },
  {
    name: 'pci-assignable-remove',
    summary: 'Remove a device from being assignable',
    syntax: {
      global: 'f',
      usage: '[options] <BDF>|NAME',
      options: [
        '-h                      Print this help.',
        '-r                      Attempt to re-assign the device to the',
        '                        original driver.',
      ],
      short: 'r',
      required: 1,
    },
    run: removeAssignable,
  },
  {
    name: 'pci-assignable-list',
    summary: 'List all the assignable pci devices',
    syntax: {
      usage: '[options]',
      options: [
        '-h                      Print this help.',
        '-n, --show-names        Display assignable device names where',
        '                        supplied.',
        '',
      ],
      short: 'n',
      long: { 'show-names': 'n' },
    },
    run: listAssignable,
  },
];
