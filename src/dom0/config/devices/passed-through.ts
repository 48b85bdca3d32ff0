/** Devices of the host for a guest: USB, PCI, I/O ports, device tree. docs/xen/xl-devices.md, rules 23 to 27. */
import type { ConfigReader } from '../language/reader.ts';
import {
  commaParts,
  cutPair,
  type Fields,
  ifTrue,
  inOrder,
  intOf,
  readEach,
  readUnsigned,
  Spec,
  unlessZero,
  unsignedOf,
} from './fields.ts';

export const readUsbController = (spec: Spec, devid: number): Fields => {
  const given: Record<string, string | number | undefined> = { devid };
  for (const part of commaParts(spec.text)) {
    const [name, value] = cutPair(part) ?? ['', ''];
    const type = value.toLowerCase();
    if (name === 'type') {
      if (!['auto', 'pv', 'devicemodel', 'qusb'].includes(type)) spec.end(`Invalid usb controller type '${value}'`);
      given.type = type === 'auto' ? undefined : type;
    } else if (name === 'version' || name === 'ports') given[name] = unlessZero(intOf(value));
    else spec.end(`Unknown string \`${part}' in usbctrl spec`);
  }
  return inOrder(['type', 'devid', 'version', 'ports'], given);
};

export interface UsbDevice {
  readonly fields: Fields;
  /** Whether both bus and address are given. */
  readonly isAddressed: boolean;
}

export const readUsbDevice = (spec: Spec): UsbDevice => {
  let isHostDevice = false;
  let controller = -1;
  let port = 0;
  let bus = 0;
  let address = 0;
  for (const part of commaParts(spec.text)) {
    const [name, value] = cutPair(part) ?? ['', ''];
    if (name === 'type') {
      // xl prints a pointer that is null.
      if (value.toLowerCase() !== 'hostdev') spec.end('Invalid usb device type: (null)');
      isHostDevice = true;
    } else if (name === 'hostbus') bus = unsignedOf(value) & 0xff;
    else if (name === 'hostaddr') address = unsignedOf(value) & 0xff;
    else if (name === 'controller') controller = intOf(value);
    else if (name === 'port') port = intOf(value);
    else spec.end(`Unknown string \`${part}' in usbdev spec`);
  }
  const fields = {
    ctrl: controller === -1 ? undefined : controller,
    port: unlessZero(port),
    ...(isHostDevice ? { 'type.hostdev': { hostbus: unlessZero(bus), hostaddr: unlessZero(address) } } : {}),
  };
  return { fields, isAddressed: bus !== 0 && address !== 0 };
};

/** What `pci` entries have if they do not say: the keys `pci_seize` and so on, and `rdm`. */
export interface PciDefaults {
  readonly options: Readonly<Record<string, boolean>>;
  readonly rdmPolicy: string | null;
  /** What xl has printed without ending the line. */
  readonly unended: string;
}

const slotForm = /^(?:([0-9a-fA-F]{1,4}):)?([0-9a-fA-F]{1,2}):([0-9a-fA-F]{1,2})\.([0-7]|\*)(?:@([0-9a-fA-F]{1,2}))?$/;
const pciOrder = [
  ...['func', 'dev', 'bus', 'domain', 'vdevfn', 'vfunc_mask', 'msitranslate', 'power_mgmt', 'permissive', 'seize'],
  ...['rdm_policy', 'name'],
];

export const readPci = (spec: Spec, { options, rdmPolicy, unended }: PciDefaults): Fields => {
  const fail = (before = '', exitCode = 6): never =>
    spec.end(`${unended}${before}unable to parse PCI_SPEC_STRING \`${spec.text}' for passthrough`, exitCode);
  const given: Record<string, string | number | boolean | null | undefined> = { ...options, rdm_policy: rdmPolicy };
  let isNamed = false;
  const place = (text: string): void => {
    const match = slotForm.exec(text);
    const device = Number.parseInt(match?.[3] ?? '', 16);
    const slot = match?.[5] === undefined ? 0 : Number.parseInt(match[5], 16);
    if (!match || device > 31 || slot > 31) fail();
    const [, domain = '0', bus = '0', , func] = match ?? [];
    const all = func === '*';
    given.domain = unlessZero(Number.parseInt(domain, 16));
    given.bus = unlessZero(Number.parseInt(bus, 16));
    given.dev = unlessZero(device);
    given.func = all ? undefined : unlessZero(Number(func));
    given.vfunc_mask = all ? 0xffff_ffff : 1;
    if (match?.[5] !== undefined) given.vdevfn = unlessZero(slot << 3);
  };
  const parts = spec.text.replace(/,$/, '').split(',');
  for (const [i, part] of parts.entries()) {
    const pair = cutPair(part);
    if (!pair) {
      if (i > 0) fail();
      place(part);
      continue;
    }
    const [name, value] = pair;
    if (i === 0 && name.includes(':')) fail();
    if (name === 'bdf') {
      place(value.replace(/@.*$/, ''));
    } else if (name === 'name') {
      if (given.vfunc_mask !== undefined) fail();
      isNamed = true;
      given.name = value;
    } else if (name === 'vslot') {
      const slot = /^[0-9a-fA-F]{1,2}$/.test(value) ? Number.parseInt(value, 16) : 32;
      if (slot > 31) fail();
      given.vdevfn = unlessZero(slot << 3);
    } else if (name === 'rdm_policy') {
      if (value !== 'strict' && value !== 'relaxed') fail(`Unknown RDM policy: ${value}`, 3);
      given.rdm_policy = value;
    } else if (['msitranslate', 'power_mgmt', 'permissive', 'seize'].includes(name)) given[name] = intOf(value) !== 0;
    else fail(`Unknown PCI_SPEC_STRING option: ${name}`);
  }
  if (given.vfunc_mask === undefined && !isNamed) fail();
  for (const name of ['msitranslate', 'power_mgmt', 'permissive', 'seize']) given[name] = ifTrue(given[name] === true);
  return inOrder(pciOrder, given);
};

/** The keys about PCI devices: `pci_seize` and so on, `rdm`, `pci`. */
export const readPciDevices = (reader: ConfigReader): Fields[] => {
  const flag = (name: string): boolean => (reader.number(name) ?? 0n) !== 0n;
  const options = {
    msitranslate: flag('pci_msitranslate'),
    power_mgmt: flag('pci_power_mgmt'),
    permissive: flag('pci_permissive'),
    seize: flag('pci_seize'),
  };
  const rdm = readRdm(reader);
  return readEach(reader, 'pci', (spec) => readPci(spec, { options, ...rdm }));
};

/** `strategy=host,policy=relaxed`: xl says what it does not know, and stops reading there. */
const readRdm = (reader: ConfigReader): Pick<PciDefaults, 'rdmPolicy' | 'unended'> => {
  const text = reader.string('rdm');
  if (text === null) return { rdmPolicy: 'strict', unended: '' };
  const spec = new Spec(text, 'rdm', reader.rangeOf('rdm'), reader);
  const lacksPci = reader.quietList('pci') === null;
  let policy: string | null = null;
  for (const part of text.split(',')) {
    const pair = cutPair(part);
    if (!pair) break;
    const [name, value] = pair;
    if (name === 'policy' && (value === 'strict' || value === 'relaxed')) policy = value;
    else if (name === 'strategy' && value === 'host') continue;
    else {
      const known = name === 'policy' ? 'policy' : name === 'strategy' ? 'strategy option' : 'state option';
      const line = `Unknown RDM ${known}: ${known === 'state option' ? name : value}`;
      // xl does not end the line, so that what it says about \`pci\` next stands on the same one.
      if (!lacksPci) return { rdmPolicy: policy, unended: line };
      spec.say(line);
      break;
    }
  }
  return { rdmPolicy: policy, unended: '' };
};

/** I/O ports in hexadecimal, which Arm does not have. */
export const readIoports = (reader: ConfigReader): Fields[] =>
  (reader.list('ioports')?.items ?? []).map((item, i) => {
    const text = item.kind === 'atom' ? item.text : '';
    const spec = new Spec(text, 'ioports', item.range, reader);
    if (item.kind === 'list') return spec.end(`xl: Unable to get element #${i} in ioport list`);
    const bad = `xl: Invalid argument parsing ioport: ${text}`;
    const read = (from: string): { port: number; rest: string } => {
      const number = readUnsigned(from, 16);
      if (!number) return spec.end(bad);
      if (number.value >= 0xffff_ffffn) return spec.end(`xl: ioport ${number.value.toString(16)} too big`);
      return { port: Number(number.value), rest: from.slice(number.length) };
    };
    const first = read(text);
    let last = first.port;
    if (first.rest.startsWith('-')) {
      const end = read(first.rest.slice(1));
      if (end.rest !== '') spec.end(bad);
      last = end.port;
    } else if (first.rest !== '') spec.say(bad);
    return { first: first.port, number: (last - first.port + 1) >>> 0 };
  });
