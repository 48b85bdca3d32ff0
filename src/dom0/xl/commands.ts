/** The table of xl's commands, in the order and with the texts of `xl help` of 4.17.7 on arm64. */
import { blockAttachCommand, blockDetachCommand, blockListCommand, cdEjectCommand, cdInsertCommand } from './block.ts';
import type { XlCommand } from './command.ts';
import { consoleCommand } from './console.ts';
import { createCommand } from './create.ts';
import {
  domidCommand,
  domnameCommand,
  listCommand,
  uptimeCommand,
  vcpuListCommand,
  vmListCommand,
} from './domain-list.ts';
import { debugKeysCommand, dmesgCommand, infoCommand } from './host-info.ts';
import {
  destroyCommand,
  pauseCommand,
  rebootCommand,
  renameCommand,
  shutdownCommand,
  unpauseCommand,
} from './manage.ts';
import { memMaxCommand, memSetCommand } from './memory.ts';
import { networkAttachCommand, networkDetachCommand, networkListCommand } from './network.ts';
import { schedCreditCommand } from './schedulers/credit.ts';
import { sysrqCommand, triggerCommand } from './signals.ts';
import { vcpuPinCommand } from './vcpu-pin.ts';
import { vcpuSetCommand } from './vcpu-set.ts';

/** A command that real xl has and the simulator does not. */
type AbsentCommand = Pick<XlCommand, 'name' | 'summary'>;

/** Every command, absent ones too: `xl help` lists them all. */
export const xlTable: readonly (XlCommand | AbsentCommand)[] = [
  createCommand,
  {
    name: 'config-update',
    summary:
      "Update a running domain's saved configuration, used when rebuilding the domain after reboot.\nWARNING: xl now has better capability to manage domain configuration, avoid using this command when possible",
  },
  listCommand,
  destroyCommand,
  shutdownCommand,
  rebootCommand,
  { name: 'pci-attach', summary: 'Insert a new pass-through pci device' },
  { name: 'pci-detach', summary: "Remove a domain's pass-through pci device" },
  { name: 'pci-list', summary: 'List pass-through pci devices for a domain' },
  { name: 'pci-assignable-add', summary: 'Make a device assignable for pci-passthru' },
  { name: 'pci-assignable-remove', summary: 'Remove a device from being assignable' },
  { name: 'pci-assignable-list', summary: 'List all the assignable pci devices' },
  pauseCommand,
  unpauseCommand,
  consoleCommand,
  { name: 'vncviewer', summary: "Attach to domain's VNC server." },
  { name: 'dump-core', summary: 'Core dump a domain' },
  cdInsertCommand,
  cdEjectCommand,
  memMaxCommand,
  memSetCommand,
  { name: 'button-press', summary: 'Indicate an ACPI button press to the domain' },
  vcpuListCommand,
  vcpuPinCommand,
  vcpuSetCommand,
  vmListCommand,
  infoCommand,
  { name: 'sharing', summary: 'Get information about page sharing' },
  schedCreditCommand,
  { name: 'sched-credit2', summary: 'Get/set credit2 scheduler parameters' },
  { name: 'sched-rtds', summary: 'Get/set rtds scheduler parameters' },
  domidCommand,
  domnameCommand,
  renameCommand,
  triggerCommand,
  sysrqCommand,
  debugKeysCommand,
  { name: 'set-parameters', summary: 'Set hypervisor parameters' },
  dmesgCommand,
  { name: 'top', summary: 'Monitor a host and the domains in real time' },
  networkAttachCommand,
  networkListCommand,
  networkDetachCommand,
  { name: 'channel-list', summary: 'List virtual channel devices for a domain' },
  blockAttachCommand,
  blockListCommand,
  blockDetachCommand,
  { name: 'vtpm-attach', summary: 'Create a new virtual TPM device' },
  { name: 'vtpm-list', summary: 'List virtual TPM devices for a domain' },
  { name: 'vtpm-detach', summary: "Destroy a domain's virtual TPM device" },
  { name: 'vkb-attach', summary: 'Create a new virtual keyboard device' },
  { name: 'vkb-list', summary: 'List virtual keyboard devices for a domain' },
  { name: 'vkb-detach', summary: "Destroy a domain's virtual keyboard device" },
  { name: 'vdispl-attach', summary: 'Create a new virtual display device' },
  { name: 'vdispl-list', summary: 'List virtual display devices for a domain' },
  { name: 'vdispl-detach', summary: "Destroy a domain's virtual display device" },
  { name: 'vsnd-attach', summary: 'Create a new virtual sound device' },
  { name: 'vsnd-list', summary: 'List virtual display devices for a domain' },
  { name: 'vsnd-detach', summary: "Destroy a domain's virtual sound device" },
  uptimeCommand,
  { name: 'claims', summary: 'List outstanding claim information about all domains' },
  { name: 'cpupool-create', summary: 'Create a new CPU pool' },
  { name: 'cpupool-list', summary: 'List CPU pools on host' },
  { name: 'cpupool-destroy', summary: 'Deactivates a CPU pool' },
  { name: 'cpupool-rename', summary: 'Renames a CPU pool' },
  { name: 'cpupool-cpu-add', summary: 'Adds a CPU to a CPU pool' },
  { name: 'cpupool-cpu-remove', summary: 'Removes a CPU from a CPU pool' },
  { name: 'cpupool-migrate', summary: 'Moves a domain into a CPU pool' },
  { name: 'cpupool-numa-split', summary: 'Splits up the machine into one CPU pool per NUMA node' },
  { name: 'getenforce', summary: 'Returns the current enforcing mode of the Flask Xen security module' },
  { name: 'setenforce', summary: 'Sets the current enforcing mode of the Flask Xen security module' },
  { name: 'loadpolicy', summary: 'Loads a new policy into the Flask Xen security module' },
  { name: 'devd', summary: 'Daemon that listens for devices and launches backends' },
  { name: 'usbctrl-attach', summary: 'Create a virtual USB controller for a domain' },
  { name: 'usbctrl-detach', summary: 'Remove the virtual USB controller specified by <DevId> for a domain' },
  { name: 'usbdev-attach', summary: 'Attach a USB device to a domain' },
  { name: 'usbdev-detach', summary: 'Detach a USB device from a domain' },
  { name: 'usb-list', summary: 'List information about all USB controllers and devices for a domain' },
  { name: 'qemu-monitor-command', summary: 'Issue a qemu monitor command to the device model of a domain' },
];

export const isServed = (command: XlCommand | AbsentCommand): command is XlCommand => 'run' in command;
