/**
 * Calls of guests for the firmware's platform management (EEMI, UG1200): which of them Xen passes on to the firmware.
 */
import type { VCpu } from '../domain/domain.ts';
import { LogLevel, type XenLog } from '../log.ts';
import type { Machine } from '../machine/machine.ts';
import { setX, xLow } from '../machine/registers.ts';

/** Functions of the SiP service: EEMI uses the 64-bit convention, the mailboxes use the 32-bit one. */
const eemi = 0xc200_0000;
const mailbox = 0x8200_0000;
const GET_API_VERSION = 1;
const SET_CONFIGURATION = 2;
const GET_NODE_STATUS = 3;
const SELF_SUSPEND = 7;
const SYSTEM_SHUTDOWN = 12;
const RESET_ASSERT = 17;
const RESET_GET_STATUS = 18;
const MMIO_WRITE = 19;
const MMIO_READ = 20;
const GET_CHIPID = 24;
const GET_TRUSTZONE_VERSION = 2563;
/** Functions on a node of the power tree. */
const nodeCalls: ReadonlySet<number> = new Set([GET_NODE_STATUS, 6, 8, 9, 10, 11, 13, 14, 15, 16]);
/** Functions for Dom0 only: configuration, FPGA, security, pins, clocks. */
const privileged: ReadonlySet<number> = new Set([
  SET_CONFIGURATION,
  ...[21, 22, 23, 26, 27],
  ...Array.from({ length: 17 }, (_, i) => 28 + i),
]);
const mailboxCalls: readonly [first: number, last: number] = [0x1000, 0x1006];
/** Functions that every service has: number of functions, identity, revision. */
const general: ReadonlySet<number> = new Set([0xff00, 0xff01, 0xff03]);

/** XST_PM_*. */
const SUCCESS = 0;
const NO_ACCESS = 2002;

export interface EemiHost {
  readonly machine: Machine;
  readonly log: XenLog;
}

/** Serves a call of the SiP service. Returns false if it is unknown. */
export const handleEemi = ({ machine, log }: EemiHost, vcpu: VCpu, id: number): boolean => {
  const { core } = machine;
  const answer = (status: number): true => {
    setX(core, 0, status);
    return true;
  };
  const refuse = (text: string): true => {
    log.gprintk(vcpu, LogLevel.warning, text);
    return answer(NO_ACCESS);
  };
  /** The firmware answers in the guest's own registers. */
  const forward = (): true => {
    machine.passToFirmware();
    return true;
  };
  const call = id & 0xffff;
  const node = xLow(core, 1);
  const { isPrivileged } = vcpu.domain;
  if ((id & 0xffff_0000) >>> 0 === mailbox) {
    if (general.has(call)) return forward();
    if (call >= mailboxCalls[0] && call <= mailboxCalls[1])
      return isPrivileged ? forward() : refuse(`IPI mailbox: fn=${call} No access`);
  }
  if ((id & 0xffff_0000) >>> 0 === eemi) {
    if (call === SELF_SUSPEND) return answer(SUCCESS);
    if (call === GET_API_VERSION || call === GET_CHIPID || call === GET_TRUSTZONE_VERSION) return forward();
    if (nodeCalls.has(call))
      return isPrivileged ? forward() : refuse(`zynqmp-pm: fn=${call} No access to node ${node}`);
    if (call === RESET_ASSERT || call === RESET_GET_STATUS)
      return isPrivileged ? forward() : refuse(`zynqmp-pm: fn=${call} No access to reset ${node}`);
    if (call === MMIO_WRITE || call === MMIO_READ) return refuse(`zynqmp-pm: fn=${call} No MMIO access to ${node}`);
    if (privileged.has(call)) return isPrivileged ? forward() : refuse(`eemi: fn=${call} No access`);
    if (call === SYSTEM_SHUTDOWN) return answer(NO_ACCESS);
  }
  log.gprintk(vcpu, LogLevel.warning, `zynqmp-pm: Unhandled PM Call: ${id}`);
  return false;
};
