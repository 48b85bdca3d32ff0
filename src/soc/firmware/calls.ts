/**
 * The platform management calls of EEMI version 1 (UG1200) that Trusted Firmware-A for the ZynqMP serves or passes to
 * the PMU firmware, one row each: number, name, version for FEATURE_CHECK, and what serves it. docs/firmware.md says
 * of each what it does here.
 */
import { serveIoctl } from './ioctls.ts';
import { Acknowledge } from './parts/nodes.ts';
import type { Platform } from './platform.ts';
import { serveQuery } from './queries.ts';
import { type Answer, invalidParameter, noAccess, noFeature, Status, success, wrongArguments } from './status.ts';

/** Arguments of a call, 32 bits each. */
export type Arguments = readonly [number, number, number, number, number];
type Serve = (platform: Platform, args: Arguments, core: number) => Answer;

export interface Call {
  readonly name: string;
  /** 0: FEATURE_CHECK does not know the call. */
  readonly version: number;
  /** Registers that the answer fills: X0, or X0 and X1. */
  readonly registers: 1 | 2;
  readonly serve: Serve;
}

const apiVersion = 0x1_0001;
const trustzoneVersion = 0x1_0000;
/** GET_CHIPID: where the version has PL_INIT of PCAP_STATUS, and the chip's fuses. */
const plInit = { from: 2, to: 29 } as const;
const fuses = { mask: 0x1ff, to: 20 } as const;
const suspendModes = 2;
/** XSECURE_SHA3_INIT_FAIL and the like of xilsecure, when the eFuses disable encryption. */
const cryptographyDisabled = 5;

/** The answer of a call that names how it wants to be acknowledged; only one that waits learns the status. */
function acknowledged(platform: Platform, node: number, how: number, answer: () => Answer): Answer {
  if (how < Acknowledge.no || how > Acknowledge.later) return success();
  const [status = Status.failure] = answer();
  if (how === Acknowledge.later) platform.acknowledge(node, status);
  return how === Acknowledge.blocking ? [status] : success();
}

const chipId: Serve = ({ chip }) => {
  const { idcode, version, pcap, disabled } = chip();
  const state = ((pcap >>> plInit.from) & 1) << plInit.to;
  return success(idcode, (version | state | ((disabled & fuses.mask) << fuses.to)) >>> 0);
};

/** For cryptography, which the chip's eFuses disable. */
const disabled: Serve = () => [cryptographyDisabled];

const feature: Serve = (platform, [number]) => {
  const call = calls.get(number);
  if (!call || call.version === 0) return noFeature;
  return success(call.version, ...platform.functions(number));
};

type Row = readonly [number: number, name: string, version: number, serve: Serve];
const rows: readonly Row[] = [
  [1, 'GET_API_VERSION', 1, () => success(apiVersion)],
  // The boot loader's object gives nobody the right to load another.
  [2, 'SET_CONFIGURATION', 1, () => noAccess],
  [3, 'GET_NODE_STATUS', 1, ({ nodes }, [node]) => nodes.status(node)],
  [4, 'GET_OP_CHARACTERISTIC', 2, ({ nodes }, [node, type]) => nodes.characteristic(node, type)],
  [5, 'REGISTER_NOTIFIER', 1, ({ nodes }, [node, event, wake, on]) => nodes.registerNotifier(node, event, wake, on)],
  [
    6,
    'REQ_SUSPEND',
    1,
    (platform, [node, how]) =>
      how === Acknowledge.blocking
        ? invalidParameter
        : acknowledged(platform, node, how, () => platform.nodes.suspendOther(node)),
  ],
  [7, 'SELF_SUSPEND', 1, ({ nodes }, [, latency], core) => nodes.selfSuspend(core, latency)],
  [
    8,
    'FORCE_POWERDOWN',
    1,
    (platform, [node, how]) => acknowledged(platform, node, how, () => platform.nodes.forceDown(node)),
  ],
  [9, 'ABORT_SUSPEND', 1, ({ nodes }, [reason, node]) => nodes.abortSuspend(reason, node)],
  [
    10,
    'REQ_WAKEUP',
    1,
    (platform, [node, address, , how]) =>
      acknowledged(platform, node, how, () => platform.nodes.wake(node, (address & 1) !== 0)),
  ],
  [11, 'SET_WAKEUP_SOURCE', 1, ({ nodes }, [target, node, on]) => nodes.setWakeupSource(target, node, on)],
  [12, 'SYSTEM_SHUTDOWN', 1, ({ shutdown }, [type, scope]) => shutdown.request(type, scope)],
  [
    13,
    'REQUEST_NODE',
    1,
    (platform, [node, capabilities, , how]) =>
      acknowledged(platform, node, how, () => platform.nodes.request(node, capabilities)),
  ],
  [14, 'RELEASE_NODE', 1, ({ nodes }, [node]) => nodes.release(node)],
  [
    15,
    'SET_REQUIREMENT',
    1,
    (platform, [node, capabilities, , how]) =>
      acknowledged(platform, node, how, () => platform.nodes.setRequirement(node, capabilities)),
  ],
  [16, 'SET_MAX_LATENCY', 1, ({ nodes }, [node, latency]) => nodes.setLatency(node, latency)],
  [17, 'RESET_ASSERT', 1, ({ resets }, [line, action]) => resets.drive(line, action)],
  [18, 'RESET_GET_STATUS', 1, ({ resets }, [line]) => resets.status(line)],
  [19, 'MMIO_WRITE', 1, ({ registers }, [address, mask, value]) => registers.write(address, mask, value)],
  [20, 'MMIO_READ', 1, ({ registers }, [address]) => registers.read(address)],
  [21, 'INIT_FINALIZE', 1, ({ nodes }) => nodes.finalize()],
  [22, 'FPGA_LOAD', 1, ({ logic }, [low, high, , flags]) => logic.load(low, high, flags)],
  [23, 'FPGA_GET_STATUS', 1, ({ logic }) => logic.status()],
  [24, 'GET_CHIPID', 1, chipId],
  // Its number is not in the PMU firmware any more.
  [25, 'SECURE_RSA_AES', 0, () => [Status.notSupported]],
  [26, 'SECURE_SHA', 0, disabled],
  [27, 'SECURE_RSA', 0, disabled],
  [28, 'PINCTRL_REQUEST', 1, ({ pins }, [pin]) => pins.request(pin)],
  [29, 'PINCTRL_RELEASE', 1, ({ pins }, [pin]) => pins.release(pin)],
  [30, 'PINCTRL_GET_FUNCTION', 1, ({ pins }, [pin]) => pins.function(pin)],
  [31, 'PINCTRL_SET_FUNCTION', 1, ({ pins }, [pin, number]) => pins.setFunction(pin, number)],
  [32, 'PINCTRL_CONFIG_PARAM_GET', 1, ({ pins }, [pin, parameter]) => pins.config(pin, parameter)],
  [33, 'PINCTRL_CONFIG_PARAM_SET', 2, ({ pins }, [pin, parameter, value]) => pins.setConfig(pin, parameter, value)],
  [34, 'IOCTL', 2, (platform, words) => serveIoctl(platform, words)],
  [35, 'QUERY_DATA', 2, (platform, [number, a, b]) => serveQuery(platform, number, a, b)],
  [36, 'CLOCK_ENABLE', 1, ({ clocks }, [clock]) => clocks.enable(clock, true)],
  [37, 'CLOCK_DISABLE', 1, ({ clocks }, [clock]) => clocks.enable(clock, false)],
  [38, 'CLOCK_GETSTATE', 1, ({ clocks }, [clock]) => clocks.state(clock)],
  [39, 'CLOCK_SETDIVIDER', 1, ({ clocks }, [clock, value]) => clocks.setDivider(clock, value)],
  [40, 'CLOCK_GETDIVIDER', 1, ({ clocks }, [clock]) => clocks.divider(clock)],
  [43, 'CLOCK_SETPARENT', 1, ({ clocks }, [clock, index]) => clocks.setParent(clock, index)],
  [44, 'CLOCK_GETPARENT', 1, ({ clocks }, [clock]) => clocks.parent(clock)],
  [45, 'SECURE_IMAGE', 1, disabled],
  [46, 'FPGA_READ', 1, ({ logic }) => logic.read()],
  // The answer is a success, and the value says that it was none.
  [47, 'SECURE_AES', 0, () => success(cryptographyDisabled)],
  [48, 'PLL_SET_PARAMETER', 1, ({ plls }, [node, parameter, value]) => plls.setParameter(node, parameter, value)],
  [49, 'PLL_GET_PARAMETER', 1, ({ plls }, [node, parameter]) => plls.parameter(node, parameter)],
  [50, 'PLL_SET_MODE', 1, ({ plls }, [node, mode]) => plls.setMode(node, mode)],
  [51, 'PLL_GET_MODE', 1, ({ plls }, [node]) => plls.mode(node)],
  [
    52,
    'REGISTER_ACCESS',
    1,
    ({ registers }, [kind, address, mask, value]) => registers.access(kind, address, mask, value),
  ],
  [53, 'EFUSE_ACCESS', 1, ({ logic }) => logic.efuse()],
  [54, 'FPGA_GET_VERSION', 1, ({ logic }) => logic.version()],
  [55, 'FPGA_GET_FEATURE_LIST', 1, ({ logic }) => logic.features()],
  [63, 'FEATURE_CHECK', 2, feature],
  [0xa01, 'GET_CALLBACK_DATA', 1, (platform) => platform.callback()],
  [0xa02, 'SET_SUSPEND_MODE', 1, (_, [mode]) => (mode < suspendModes ? success() : wrongArguments)],
  [0xa03, 'GET_TRUSTZONE_VERSION', 1, () => success(trustzoneVersion)],
];

/** Calls whose answer Trusted Firmware-A gives in X0 alone. */
const inOneRegister: ReadonlySet<number> = new Set([
  1, 6, 7, 8, 10, 11, 12, 13, 15, 22, 23, 25, 26, 27, 34, 36, 37, 38, 39, 40, 43, 44, 46, 47, 48, 49, 50, 51, 52, 53,
  0xa02, 0xa03,
]);

export const calls: ReadonlyMap<number, Call> = new Map(
  rows.map(([number, name, version, serve]) => [
    number,
    { name, version, registers: inOneRegister.has(number) ? 1 : 2, serve },
  ]),
);
