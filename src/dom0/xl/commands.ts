/** The table of xl's commands, in the order and with the texts of `xl help` of 4.17.7 on arm64. */
import { blockAttachCommand, blockDetachCommand, blockListCommand, cdEjectCommand, cdInsertCommand } from './block.ts';
import type { XlCommand } from './command.ts';
import { configUpdateCommand } from './config-update.ts';
import { consoleCommand, vncViewerCommand } from './console.ts';
import {
  cpupoolCpuAddCommand,
  cpupoolCpuRemoveCommand,
  cpupoolDestroyCommand,
  cpupoolListCommand,
  cpupoolMigrateCommand,
  cpupoolNumaSplitCommand,
  cpupoolRenameCommand,
} from './cpupools/commands.ts';
import { cpupoolCreateCommand } from './cpupools/create.ts';
import { createCommand } from './create.ts';
import { pciCommands } from './devices/pci.ts';
import { channelListCommand, pvDeviceCommands } from './devices/pv.ts';
import { qemuMonitorCommand, usbCommands } from './devices/usb.ts';
import {
  claimsCommand,
  domidCommand,
  domnameCommand,
  listCommand,
  sharingCommand,
  uptimeCommand,
  vcpuListCommand,
  vmListCommand,
} from './domain-list.ts';
import { dumpCoreCommand } from './dump-core.ts';
import { getEnforceCommand, loadPolicyCommand, setEnforceCommand } from './flask.ts';
import { debugKeysCommand, devdCommand, dmesgCommand, infoCommand, setParametersCommand } from './host-info.ts';
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
import { schedCredit2Command } from './schedulers/credit2.ts';
import { schedRtdsCommand } from './schedulers/rtds.ts';
import { buttonPressCommand, sysrqCommand, triggerCommand } from './signals.ts';
import { vcpuPinCommand } from './vcpu-pin.ts';
import { vcpuSetCommand } from './vcpu-set.ts';
import { topCommand } from './xentop.ts';

/** Every command, in the order in which `xl help` lists them. */
export const xlTable: readonly XlCommand[] = [
  createCommand,
  configUpdateCommand,
  listCommand,
  destroyCommand,
  shutdownCommand,
  rebootCommand,
  ...pciCommands,
  pauseCommand,
  unpauseCommand,
  consoleCommand,
  vncViewerCommand,
  dumpCoreCommand,
  cdInsertCommand,
  cdEjectCommand,
  memMaxCommand,
  memSetCommand,
  buttonPressCommand,
  vcpuListCommand,
  vcpuPinCommand,
  vcpuSetCommand,
  vmListCommand,
  infoCommand,
  sharingCommand,
  schedCreditCommand,
  schedCredit2Command,
  schedRtdsCommand,
  domidCommand,
  domnameCommand,
  renameCommand,
  triggerCommand,
  sysrqCommand,
  debugKeysCommand,
  setParametersCommand,
  dmesgCommand,
  topCommand,
  networkAttachCommand,
  networkListCommand,
  networkDetachCommand,
  channelListCommand,
  blockAttachCommand,
  blockListCommand,
  blockDetachCommand,
  ...pvDeviceCommands,
  uptimeCommand,
  claimsCommand,
  cpupoolCreateCommand,
  cpupoolListCommand,
  cpupoolDestroyCommand,
  cpupoolRenameCommand,
  cpupoolCpuAddCommand,
  cpupoolCpuRemoveCommand,
  cpupoolMigrateCommand,
  cpupoolNumaSplitCommand,
  getEnforceCommand,
  setEnforceCommand,
  loadPolicyCommand,
  devdCommand,
  ...usbCommands,
  qemuMonitorCommand,
];
