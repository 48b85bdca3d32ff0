/**
 * xl's commands for USB devices (tools/xl/xl_usb.c). Dom0 has no USB and no driver that serves a virtual controller, so
 * they answer as the real ones do on such a host. That one leaves the nodes of a controller that it could not attach.
 */
import { seconds } from '../../../xen/time/time.ts';
import { sleep } from '../../os/task.ts';
import { atOnce, Exit, type Subcommand, type XlCommand } from '../command.ts';
import { domainOf } from '../domains.ts';

/** How long libxl waits for a device's back end (LIBXL_INIT_TIMEOUT). */
export const backendTime = seconds(10);
const aborted = 'libxl: error: libxl_device.c:1486:device_addrm_aocomplete: unable to add device\n';

/** What libxl says when nothing has taken a device up. */
export const noBackend = (kind: string, domid: number, device: number): string => {
  const of = `Domain ${domid}:`;
  return (
    `libxl: error: libxl_device.c:1181:device_backend_callback: ${of}unable to add device with path /local/domain/0/backend/${kind}/${domid}/${device}\n` +
    `libxl: error: libxl_device.c:1481:device_addrm_aocomplete: ${of}Unable to add ${kind} with id ${device}\n`
  );
};

const attachController: Subcommand = function* (xl, { operands: [qualifier = '', ...specs] }) {
  const { domainId } = domainOf(xl, qualifier);
  const odd = specs.find((spec) => !/^(type|version|ports)=/.test(spec));
  if (odd !== undefined) throw new Exit(`Unknown string \`${odd}' in usbctrl spec\n`);
  const failed = 'libxl_device_usbctrl_add failed.\n';
  if (!specs.includes('type=pv'))
    throw new Exit(
      `libxl: error: libxl_dm.c:3845:libxl__dm_check_start: Domain ${domainId}:device model required but not running\n${aborted}${failed}`,
    );
  yield* sleep(backendTime);
  throw new Exit(`${noBackend('vusb', domainId, 0)}${failed}`);
};

const detachController = atOnce((xl, { operands: [qualifier = '', device = ''] }) => {
  domainOf(xl, qualifier);
  throw new Exit(`Unknown device ${device}.\n`);
});

const attachDevice = atOnce((xl, { operands: [qualifier = '', ...specs] }) => {
  const { domainId } = domainOf(xl, qualifier);
  const odd = specs.find((spec) => !/^(hostbus|hostaddr|controller|port|type)=/.test(spec));
  if (odd !== undefined) throw new Exit(`Unknown string \`${odd}' in usbdev spec\n`);
  throw new Exit(
    "libxl: error: libxl_usb.c:837:usbdev_busaddr_to_busid: opendir failed: '/sys/bus/usb/devices': No such file or directory\n" +
      `libxl: error: libxl_usb.c:1732:libxl__device_usbdev_add: Domain ${domainId}:USB device is not assignable.\n${aborted}libxl_device_usbdev_add failed.\n`,
  );
});

const detachDevice = atOnce((xl, { operands: [qualifier = '', controller = '', port = ''] }) => {
  domainOf(xl, qualifier);
  throw new Exit(`Unknown device at controller ${controller} port ${port}.\n`);
});

const list = atOnce((xl, { operands: [qualifier = ''] }) => {
  domainOf(xl, qualifier);
  return 0;
});

const monitor = atOnce((xl, { operands: [qualifier = '', ...words] }) => {
  const { domainId } = domainOf(xl, qualifier);
  if (domainId === 0 && words.length > 0) throw new Exit('Invalid arguments.\n');
  throw new Exit(
    `libxl: error: libxl_qmp.c:1334:qmp_ev_lock_aquired: Domain ${domainId}:Failed to connect to QMP socket /var/run/xen/qmp-libxl-${domainId}: No such file or directory\n`,
  );
});

export const usbCommands: readonly XlCommand[] = [
  {
    name: 'usbctrl-attach',
    summary: 'Create a virtual USB controller for a domain',
    takesDomain: true,
    syntax: { global: 'f', usage: '<Domain> [type=pv] [version=<version>] [ports=<number>]', required: 1 },
    run: attachController,
  },
  {
    name: 'usbctrl-detach',
    summary: 'Remove the virtual USB controller specified by <DevId> for a domain',
    takesDomain: true,
    syntax: { global: 'f', usage: '<Domain> <DevId>', required: 2 },
    run: detachController,
  },
  {
    name: 'usbdev-attach',
    summary: 'Attach a USB device to a domain',
    takesDomain: true,
    syntax: {
      global: 'f',
      usage: '<Domain> hostbus=<busnum> hostaddr=<devnum> [controller=<DevId> [port=<port>]]',
      required: 2,
    },
    run: attachDevice,
  },
  {
    name: 'usbdev-detach',
    summary: 'Detach a USB device from a domain',
    takesDomain: true,
    syntax: { global: 'f', usage: '<Domain> <controller> <port>', required: 3 },
    run: detachDevice,
  },
  {
    name: 'usb-list',
    summary: 'List information about all USB controllers and devices for a domain',
    takesDomain: true,
    syntax: { usage: '<Domain>', required: 1 },
    run: list,
  },
];

export const qemuMonitorCommand: XlCommand = {
  name: 'qemu-monitor-command',
  summary: 'Issue a qemu monitor command to the device model of a domain',
  takesDomain: true,
  syntax: { global: 'f', usage: '<Domain> <Command>', required: 2 },
  run: monitor,
};
