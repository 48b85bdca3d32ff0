/**
 * xl's commands for virtual TPMs, keyboards, displays, sound and channels (tools/xl/xl_vtpm.c, xl_vkb.c, xl_vdispl.c,
 * xl_vsnd.c, xl_misc.c). Nothing in Dom0 serves such devices, so they answer as the real ones do on such a host. That
 * one leaves the nodes of a TPM that it could not attach.
 */
import { findDomain } from '../../libxl/names.ts';
import { sleep, type Task } from '../../os/task.ts';
import { atOnce, Exit, type Subcommand, type Xl, type XlCommand } from '../command.ts';
import { domainOf } from '../domains.ts';
import { backendTime, noBackend } from './usb.ts';

/** Some commands look a domain up by themselves, and say less when there is none. */
function plainDomain({ libxl }: Xl, qualifier: string): number {
  const domid = findDomain(libxl, qualifier);
  if (domid === null) throw new Exit(`${qualifier} is an invalid domain identifier\n`);
  return domid;
}

/** Lists the devices of several domains: none. */
const list = (header: string, missing: 'ends' | 'goes on'): Subcommand =>
  atOnce((xl, { operands }) => {
    const { out, err } = xl.context;
    out(header);
    for (const qualifier of operands) {
      if (missing === 'ends') domainOf(xl, qualifier);
      else if (findDomain(xl.libxl, qualifier) === null) err(`${qualifier} is an invalid domain identifier\n`);
    }
    return 0;
  });

function* attachTpm(xl: Xl, [qualifier = '', ...specs]: readonly string[]): Task<number> {
  const domid = plainDomain(xl, qualifier);
  for (const spec of specs) {
    const [key, value = ''] = spec.split('=');
    if (key !== 'uuid' && key !== 'backend') throw new Exit(`unrecognized argument \`${spec}'\n`);
    if (key === 'uuid' && !/^[\da-f]{8}-?([\da-f]{4}-?){3}[\da-f]{12}$/i.test(value))
      throw new Exit(`Invalid uuid specified (${value})\n`);
    if (key === 'backend' && findDomain(xl.libxl, value) === null)
      throw new Exit(
        'libxl: error: libxl_device.c:1486:device_addrm_aocomplete: unable to add device\nlibxl_device_vtpm_add failed.\n',
      );
  }
  yield* sleep(backendTime);
  throw new Exit(`${noBackend('vtpm', domid, 0)}libxl_device_vtpm_add failed.\n`);
}

/** The first word that a device's specification does not know. */
function refuseUnknown(specs: readonly string[], known: readonly string[], say: (word: string) => Exit): void {
  for (const word of specs.flatMap((spec) => spec.split(',')))
    if (!known.some((key) => word.startsWith(`${key}=`))) throw say(word);
}

const keyboardKeys = [
  'unique-id',
  'backend',
  'backend-type',
  'feature-disable-keyboard',
  'feature-disable-pointer',
  'feature-abs-pointer',
  'feature-raw-pointer',
  'feature-multi-touch',
  'width',
  'height',
  'multi-touch-width',
  'multi-touch-height',
  'multi-touch-num-contacts',
];
const displayKeys = ['backend', 'be-alloc', 'connectors'];
const soundKeys = [
  'backend',
  'buffer-size',
  'card',
  'pcm',
  'stream',
  'name',
  'unique-id',
  'channels-min',
  'channels-max',
  'sample-rates',
  'sample-formats',
  'type',
];

const attachKeyboard = (xl: Xl, [qualifier = '', ...specs]: readonly string[]): number => {
  domainOf(xl, qualifier);
  refuseUnknown(specs, keyboardKeys, (word) => new Exit(`Unknown string "${word}" in vkb spec\n`, 255));
  if (!specs.some((spec) => spec.includes('backend-type='))) throw new Exit('backend-type should be set\n', 253);
  throw new Exit('libxl_device_vkb_add failed.\n');
};

const attachDisplay = (xl: Xl, [qualifier = '', ...specs]: readonly string[]): number => {
  domainOf(xl, qualifier);
  refuseUnknown(specs, displayKeys, (word) => new Exit(`Unknown string "${word}" in vdispl spec\n`));
  if (!specs.some((spec) => spec.startsWith('connectors=')))
    throw new Exit('At least one connector should be specified.\n', 253);
  throw new Exit('libxl_device_vdispl_add failed.\n');
};

const attachSound = (xl: Xl, [qualifier = '', ...specs]: readonly string[]): number => {
  domainOf(xl, qualifier);
  refuseUnknown(specs, soundKeys, (word) => new Exit(`Invalid key: ${word}\n`, 255));
  throw new Exit('libxl_device_vsnd_add failed.\n');
};

/** Detaches a device that is not there. A word that is no number is device 0. */
const detach = (prefix: (domid: number, device: number) => string = () => ''): Subcommand =>
  atOnce((xl, { operands: [qualifier = '', word = ''] }) => {
    const { domainId } = domainOf(xl, qualifier);
    const device = Number.parseInt(word, 10) || 0;
    throw new Exit(`${prefix(domainId, device)}Error: Device ${device} not connected.\n`, 253);
  });

const detachTpm: Subcommand = atOnce((xl, { operands: [qualifier = '', word = ''] }) => {
  domainOf(xl, qualifier);
  throw new Exit(`Unknown device ${word}.\n`);
});

const noDisplay = (domid: number, device: number): string =>
  `libxl: error: libxl_xshelp.c:206:libxl__xs_read_mandatory: xenstore read failed: \`/libxl/${domid}/device/vdispl/${device}': No such file or directory\n`;

const listSyntax = { usage: '<Domain(s)>', required: 1 } as const;
const detachSyntax = { global: 'f', usage: '<Domain> <DevId>', required: 2 } as const;

export const channelListCommand: XlCommand = {
  name: 'channel-list',
  summary: 'List virtual channel devices for a domain',
  takesDomain: true,
  syntax: listSyntax,
  run: list('Idx BE state evt-ch ring-ref connection                               \n', 'ends'),
};

export const pvDeviceCommands: readonly XlCommand[] = [
  {
    name: 'vtpm-attach',
    summary: 'Create a new virtual TPM device',
    takesDomain: true,
    syntax: { global: 'fN', usage: '<Domain> [uuid=<uuid>] [backend=<BackDomain>]', required: 1 },
    run: (xl, { operands }) => attachTpm(xl, operands),
  },
  {
    name: 'vtpm-list',
    summary: 'List virtual TPM devices for a domain',
    takesDomain: true,
    syntax: listSyntax,
    run: list('Idx BE Uuid                                 handle state evt-ch ring-ref BE-path   \n', 'goes on'),
  },
  {
    name: 'vtpm-detach',
    summary: "Destroy a domain's virtual TPM device",
    takesDomain: true,
    syntax: { global: 'f', usage: '<Domain> <DevId|uuid>', required: 2 },
    run: detachTpm,
  },
  {
    name: 'vkb-attach',
    summary: 'Create a new virtual keyboard device',
    takesDomain: true,
    syntax: { global: 'fN', usage: '<Domain> <vkb-spec-component(s)>...', required: 2 },
    run: atOnce((xl, { operands }) => attachKeyboard(xl, operands)),
  },
  {
    name: 'vkb-list',
    summary: 'List virtual keyboard devices for a domain',
    takesDomain: true,
    syntax: listSyntax,
    run: list('Idx BE handle state evt-ch    ref ID         BE-type    BE-path                       \n', 'ends'),
  },
  {
    name: 'vkb-detach',
    summary: "Destroy a domain's virtual keyboard device",
    takesDomain: true,
    syntax: detachSyntax,
    run: detach(),
  },
  {
    name: 'vdispl-attach',
    summary: 'Create a new virtual display device',
    takesDomain: true,
    syntax: {
      global: 'fN',
      usage: "<Domain> [backend=<BackDomain>] [be-alloc=<BackAlloc>] [connectors='<Connectors>']",
      options: [
        '    BackAlloc  - set to 1 to if backend allocates display buffers',
        "    Connectors - list of connector's description in ID:WxH format,",
        '                 where: ID - unique connector ID, W - connector width,',
        "                 H - connector height: connectors='id0:800x600;id1:1024x768'",
        '',
      ],
      required: 1,
    },
    run: atOnce((xl, { operands }) => attachDisplay(xl, operands)),
  },
  {
    name: 'vdispl-list',
    summary: 'List virtual display devices for a domain',
    takesDomain: true,
    syntax: listSyntax,
    run: list('', 'goes on'),
  },
  {
    name: 'vdispl-detach',
    summary: "Destroy a domain's virtual display device",
    takesDomain: true,
    syntax: detachSyntax,
    run: detach(noDisplay),
  },
  {
    name: 'vsnd-attach',
    summary: 'Create a new virtual sound device',
    takesDomain: true,
    syntax: { global: 'fN', usage: '<Domain> <vsnd-spec-component(s)>...', required: 2 },
    run: atOnce((xl, { operands }) => attachSound(xl, operands)),
  },
  {
    name: 'vsnd-list',
    // The real one says so, too.
    summary: 'List virtual display devices for a domain',
    takesDomain: true,
    syntax: listSyntax,
    run: list('', 'goes on'),
  },
  {
    name: 'vsnd-detach',
    summary: "Destroy a domain's virtual sound device",
    takesDomain: true,
    syntax: detachSyntax,
    run: detach(),
  },
];
