/**
 * Reads a config key by key, in xl's order, because that is the order of its messages (Xen 4.17, tools/xl/xl_parse.c:
 * parse_config_data). Of keys that only x86 uses, only the types are checked.
 */
import { type AffinityError, parseCpus } from './affinity.ts';
import { readDisk } from './devices/disk.ts';
import { defbool, type Fields, readEach, readUnsigned } from './devices/fields.ts';
import { p9Reader, readChannel, readPvcalls, readVdispl, readVfb, readVkb, readVtpm } from './devices/paravirtual.ts';
import { readIoports, readPciDevices, readUsbController, readUsbDevice } from './devices/passed-through.ts';
import { readVif } from './devices/vif.ts';
import { readVsnd } from './devices/vsnd.ts';
import type { Fix } from './diagnostics/diagnostic.ts';
import type { Range } from './diagnostics/range.ts';
import {
  type CpuSet,
  type DomainConfig,
  type IomemRange,
  type KiB,
  kib,
  type ShutdownAction,
  shutdownActions,
} from './domain-config.ts';
import type { ConfigReader } from './language/reader.ts';
import { readCpuid, readTimerMode, readTscMode } from './modes.ts';
import { readVnuma } from './vnuma.ts';

/** Reads a config for a machine with `cpus` CPUs. Throws `Ended` where xl exits. */
export function readDomain(r: ConfigReader, cpus: number): DomainConfig {
  const hasInitLabel = r.string('init_seclabel') !== null;
  const hasLabel = r.string('seclabel') !== null;
  const type = readType(r);
  r.flag('hap');
  const name = r.string('name');
  if (name === null) endWithoutName(r);
  const uuid = readUuid(r);
  r.flag('oos');
  const pool = r.string('pool');
  if (type === 'pvh') {
    r.flag('pvshim');
    r.strings('pvshim_path', 'pvshim_cmdline', 'pvshim_extra');
  }
  const scheduling = readScheduling(r);
  const memory = readMemory(r, 'memory');
  const givenMaxMemory = readMemory(r, 'maxmem');
  const vcpus = readVcpus(r);
  const givenMaxVcpus = readInt(r, 'maxvcpus') ?? 0;
  const vuart = readWord(r, 'vuart', ['unknown', 'sbsa_uart']);
  const vnuma = readVnuma(r, givenMaxVcpus, givenMaxMemory, cpus);
  const maxMemory = vnuma?.memory ?? givenMaxMemory ?? memory;
  const maxVcpus = givenMaxVcpus || vnuma?.vcpus || (vcpus ?? 0);
  if (maxVcpus < (vcpus ?? 0)) {
    r.end('fewer-max-vcpus', r.rangeOf('maxvcpus'), {
      params: { maxvcpus: String(maxVcpus), vcpus: String(vcpus ?? 0) },
      xl: ['xl: maxvcpus < vcpus'],
      fixes: [replace(r.rangeOf('maxvcpus'), String(vcpus ?? 1))],
    });
  }
  const hardAffinity = readAffinity(r, 'cpus', maxVcpus, cpus);
  const softAffinity = readAffinity(r, 'cpus_soft', maxVcpus, cpus);
  const maxGrantFrames = readBounded(r, 'max_grant_frames');
  const maxMaptrackFrames = readBounded(r, 'max_maptrack_frames');
  const maxGrantVersion = readBounded(r, 'max_grant_version');
  const onPoweroff = readAction(r, 'on_poweroff', 'destroy');
  const onReboot = readAction(r, 'on_reboot', 'restart');
  const onWatchdog = readAction(r, 'on_watchdog', 'destroy');
  const onCrash = readAction(r, 'on_crash', 'destroy');
  const onSoftReset = readAction(r, 'on_soft_reset', 'soft-reset');
  if (type === 'pv') r.flag('e820_host');
  const pcidevs = readPciDevices(r);
  const dtdevs = readEach(r, 'dtdev', ({ text }) => ({ path: text }));
  const passthrough = r.string('passthrough');
  const passthroughs = ['default', 'disabled', 'enabled', 'sync_pt', 'share_pt'];
  if (passthrough !== null && !passthroughs.includes(passthrough.toLowerCase())) {
    r.end('unknown-word', r.rangeOf('passthrough'), {
      params: { name: 'passthrough', text: passthrough, words: passthroughs.join(', ') },
      xl: [`ERROR: unknown passthrough option '${passthrough}'`],
      fixes: r.choices('passthrough', passthrough, passthroughs),
    });
  }
  r.numbers('shadow_memory', 'nomigrate');
  readTscMode(r);
  r.number('rtc_timeoffset');
  if (r.number('vncviewer') !== null) {
    const hint = 'Use "-V" option of "xl create" to automatically spawn vncviewer.';
    warnX86(r, 'vncviewer', [`WARNING: ignoring "vncviewer" option. ${hint}`]);
  }
  r.numbers('localtime', 'videoram', 'max_event_channels');
  const givenKernel = r.string('kernel');
  const ramdisk = r.string('ramdisk');
  const deviceTree = r.string('device_tree');
  const commandLine = readCommandLine(r);
  r.numbers('driver_domain', 'acpi');
  const bootloader = r.string('bootloader');
  const bootloaderArgs = readBootloaderArgs(r);
  readTimerMode(r, type);
  const nestedHvm = r.flag('nestedhvm') ?? false;
  const kernel = type === 'hvm' ? givenKernel : readKernel(r, givenKernel, bootloader);
  readAltp2m(r);
  const tracesVm = (r.quietNumber('vmtrace_buf_kb') ?? 0n) !== 0n;
  const ioports = readIoports(r);
  const irqs = readIrqs(r);
  const iomem = readIomem(r);
  const disks = readEach(r, 'disk', readDisk);
  const p9s = readEach(r, 'p9', p9Reader());
  const vtpms = readEach(r, 'vtpm', readVtpm);
  const vdispls = readEach(r, 'vdispl', readVdispl);
  const pvcallsifs = readEach(r, 'pvcalls', readPvcalls);
  const vsnds = readVsnd(r);
  const channels = readEach(r, 'channel', readChannel);
  const nics = readEach(r, 'vif', readVif);
  if (r.list('vif2')) warnX86(r, 'vif2', ['WARNING: vif2: netchannel2 is deprecated and not supported by xl']);
  const vfbs = readEach(r, 'vfb', readVfb);
  const usbctrls = readEach(r, 'usbctrl', readUsbController);
  const usbDevices = readEach(r, 'usbdev', readUsbDevice);
  readCpuid(r);
  const topLevelVfbs = readDeviceModel(r, type, vfbs.length > 0);
  const gicVersion = readQuietWord(r, 'gic_version', ['default', 'v2', 'v3']);
  const tee = readQuietWord(r, 'tee', ['none', 'optee']);
  const framebuffers = [...vfbs, ...topLevelVfbs];
  const vkbs = [
    ...framebuffers.map((_, devid) => ({ devid })),
    ...readEach(r, 'vkb', (spec, i) => readVkb(spec, framebuffers.length + i)),
  ];
  r.number('xend_suspend_evtchn_compat');
  if (r.number('msr_relaxed') !== null) {
    warnX86(r, 'msr_relaxed', [
      'WARNING: msr_relaxed will be removed in future versions.',
      'If it fixes an issue you are having please report to xen-devel@lists.xenproject.org.',
    ]);
  }
  r.number('vpmu');
  if (hardAffinity.some((set) => set.length === 0)) {
    r.end('no-cpu-left', r.rangeOf('cpus'), {
      params: { cpus: String(cpus - 1) },
      xl: ['vcpu hard affinity map is empty'],
      fixes: [replace(r.rangeOf('cpus'), '"all"')],
    });
  }
  return {
    name,
    uuid,
    type,
    kernel,
    ramdisk,
    deviceTree,
    commandLine,
    memory,
    maxMemory,
    vcpus,
    maxVcpus,
    hardAffinity,
    softAffinity,
    scheduling,
    onPoweroff,
    onReboot,
    onWatchdog,
    onCrash,
    onSoftReset,
    vuart: vuart === 'sbsa_uart',
    gicVersion: gicVersion === 'v2' || gicVersion === 'v3' ? gicVersion : 'default',
    maxGrantFrames,
    maxMaptrackFrames,
    maxGrantVersion,
    pool,
    hasLabel: hasInitLabel || hasLabel,
    hasExecLabel: hasInitLabel && hasLabel,
    tee: tee ?? 'none',
    isUnaccelerated: (r.quietNumber('el2lab_unaccelerated') ?? 0n) !== 0n,
    nestedHvm,
    tracesVm,
    bootloader,
    bootloaderArgs,
    passthrough: { mode: passthrough?.toLowerCase() ?? 'default', irqs, iomem, ioports },
    disks,
    usbDevices,
    devices: {
      ...{ nics, pcidevs, dtdevs, vfbs: framebuffers, vkbs, vtpms, p9s, pvcallsifs, vdispls, vsnds, channels },
      usbctrls,
    },
  };
}

const replace = (range: Range, text: string): Fix => ({ code: 'replace', params: { text }, edits: [{ range, text }] });

function endWithoutName(r: ConfigReader): never {
  const start = { start: 0, end: 0 };
  r.end('no-name', r.rangeOf('name'), {
    xl: ['Domain name must be specified.'],
    fixes: r.find('name')
      ? []
      : [{ code: 'insert', params: { text: 'name' }, edits: [{ range: start, text: 'name = "guest"\n' }] }],
  });
}

/** xl compares only the characters that are written: `p` is `pv`. */
function readType(r: ConfigReader): DomainConfig['type'] {
  const unknown = (key: string, text: string, words: readonly string[]): never =>
    r.end('unknown-word', r.rangeOf(key), {
      params: { name: key, text, words: words.join(', ') },
      xl: [`Invalid domain type ${text}.`],
      fixes: r.choices(key, text.toLowerCase(), words),
    });
  const pick = (
    key: string,
    words: readonly (readonly [string, DomainConfig['type']])[],
  ): DomainConfig['type'] | null => {
    const text = r.string(key);
    if (text === null) return null;
    const found = words.find(([word]) => word.startsWith(text));
    return found
      ? found[1]
      : unknown(
          key,
          text,
          words.map(([word]) => word),
        );
  };
  const type = pick('type', [
    ['hvm', 'hvm'],
    ['pv', 'pv'],
    ['pvh', 'pvh'],
  ]);
  const built = pick('builder', [
    ['hvm', 'hvm'],
    ['generic', 'pv'],
  ]);
  if (type !== null && built !== null && type !== built) {
    r.end('contradicting-type', r.rangeOf('builder'), {
      params: { type, builder: built },
      xl: ['Contradicting "builder" and "type" options specified.'],
    });
  }
  return built ?? type ?? 'pvh';
}

function readUuid(r: ConfigReader): string | null {
  const text = r.string('uuid');
  if (text === null) return null;
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) {
    r.end('bad-uuid', r.rangeOf('uuid'), { params: { text }, xl: [`Failed to parse UUID: ${text}`] });
  }
  return text.toLowerCase();
}

/** The C int that a long is cut to. */
function readInt(r: ConfigReader, name: string): number | null {
  const number = r.number(name);
  return number === null ? null : Number(BigInt.asIntN(32, number));
}

/** The scheduling keys, and libxl's names for their values; null for those of a scheduler that Xen no longer has. */
const schedulingKeys = [
  ['cpu_weight', 'weight'],
  ['cap', 'cap'],
  ['period', 'period'],
  ['slice', null],
  ['latency', null],
  ['extratime', 'extratime'],
] as const;

/** libxl takes -1 for the scheduler's default. */
function readScheduling(r: ConfigReader): DomainConfig['scheduling'] {
  const given: Record<string, number> = {};
  for (const [key, name] of schedulingKeys) {
    const number = readInt(r, key);
    if (name !== null && number !== null && number !== -1) given[name] = number;
  }
  return given;
}

/** A value in MiB as libxl's KiB: an unsigned 64-bit number, in which all ones mean that no value was given. */
function readMemory(r: ConfigReader, name: string): KiB | null {
  const number = r.number(name);
  return number === null ? null : kib(Number(BigInt.asUintN(64, number * 1024n)));
}

function readVcpus(r: ConfigReader): number | null {
  const vcpus = readInt(r, 'vcpus');
  if (vcpus !== null && vcpus < 0) {
    r.end('negative-vcpus', r.rangeOf('vcpus'), {
      params: { text: String(vcpus) },
      xl: [
        'libxl: error: libxl_utils.c:809:libxl_cpu_bitmap_alloc: invalid number of cpus provided',
        'Unable to allocate cpumap',
      ],
      fixes: [replace(r.rangeOf('vcpus'), '1')],
    });
  }
  return vcpus;
}

/** One of libxl's words, in any case. */
function readWord(r: ConfigReader, name: string, words: readonly string[]): string | null {
  const text = r.string(name);
  if (text === null) return null;
  const word = text.toLowerCase();
  if (words.includes(word)) return word;
  const shown = words.filter((each) => each !== 'unknown');
  return r.end('unknown-word', r.rangeOf(name), {
    params: { name, text, words: shown.join(', ') },
    xl: [`ERROR: invalid value "${text}" for "${name}"`],
    fixes: shown.length === 1 ? [replace(r.rangeOf(name), `"${shown[0]}"`)] : r.choices(name, word, shown),
  });
}

function readQuietWord(r: ConfigReader, name: string, words: readonly string[]): string | null {
  const text = r.quietString(name);
  if (text === null) return null;
  const word = text.toLowerCase();
  if (words.includes(word)) return word;
  return r.end('unknown-word', r.rangeOf(name), {
    params: { name, text, words: words.join(', ') },
    xl: [`Unknown ${name} "${text}" specified`],
    fixes: r.choices(name, word, words),
    exitCode: 3,
  });
}

/** CPU sets of the first vCPUs: one set for all, or a list with one set each. */
function readAffinity(r: ConfigReader, name: string, maxVcpus: number, cpus: number): CpuSet[] {
  const list = r.quietList(name);
  const text = list ? null : r.string(name);
  if (!list && text === null) return [];
  const parse = (part: string, range: Range): CpuSet => {
    const set = parseCpus(part, cpus);
    if (set.ok) return set.value;
    const { code, part: wrong, line }: AffinityError = set.error;
    return r.end(code, range, { params: { text: wrong }, xl: [line], fixes: [replace(range, '"all"')] });
  };
  // xl reads a set, and reports its mistakes, even if no vCPU gets it.
  if (text !== null) {
    const set = parse(text, r.rangeOf(name));
    return Array.from({ length: Math.max(0, maxVcpus) }, () => set);
  }
  const sets: CpuSet[] = [];
  for (const item of list?.items ?? []) {
    if (item.kind === 'list' || sets.length >= maxVcpus) break;
    sets.push(parse(item.text, item.range));
  }
  return sets;
}

/** A number from 0 to 2^31 - 1. On any other, xl exits without a message. */
function readBounded(r: ConfigReader, name: string): number | null {
  if (!r.find(name)) return null;
  const number = r.quietNumber(name);
  if (number !== null && number >= 0n && number <= 0x7fff_ffffn) return Number(number);
  return r.end('out-of-bounds', r.rangeOf(name), { params: { name, least: '0', greatest: '2147483647' }, xl: [] });
}

function readAction(r: ConfigReader, name: string, otherwise: ShutdownAction): ShutdownAction {
  const text = r.string(name) ?? otherwise;
  const action = shutdownActions.find((word) => word === text);
  if (action) return action;
  const near = r.choices(name, text.toLowerCase(), shutdownActions);
  return r.end('unknown-action', r.rangeOf(name), {
    params: { name, text, words: shutdownActions.join(', ') },
    xl: [`Unknown ${name} action "${text}" specified`],
    fixes: near.length > 0 ? near : [replace(r.rangeOf(name), `"${otherwise}"`)],
  });
}

function readCommandLine(r: ConfigReader): string | null {
  const line = r.string('cmdline');
  const root = r.string('root');
  const extra = r.string('extra');
  if (line !== null) {
    const ignored = ['root', 'extra'].filter((key) => r.quietString(key) !== null);
    if (ignored[0] !== undefined) {
      r.say('warning', 'ignored-command-line', r.rangeOf(ignored[0]), {
        params: { names: ignored.join(', ') },
        xl: ['Warning: ignoring root= and extra= in favour of cmdline='],
      });
    }
    return line;
  }
  if (root !== null) return extra !== null ? `root=${root} ${extra}` : `root=${root}`;
  return extra;
}

/** The boot loader's arguments: a list, or with a warning the words of a string. */
function readBootloaderArgs(r: ConfigReader): string[] {
  const list = r.quietList('bootloader_args');
  if (list) return list.items.flatMap((item) => (item.kind === 'atom' ? [item.text] : []));
  const text = r.string('bootloader_args');
  if (text === null) return [];
  r.say('warning', 'bootloader-args-string', r.rangeOf('bootloader_args'), {
    xl: ['WARNING: Specifying "bootloader_args" as a string is deprecated. Please use a list of arguments.'],
  });
  return text.split(/\s+/).filter((word) => word !== '');
}

/** The kernel, or the firmware used instead. */
function readKernel(r: ConfigReader, kernel: string | null, bootloader: string | null): string | null {
  const firmware = r.string('firmware');
  const range = r.rangeOf('firmware');
  if (firmware !== null && kernel !== null) {
    r.end('kernel-and-firmware', range, { xl: ['ERROR: both kernel and firmware specified'] });
  }
  const words = ['pvgrub32', 'pvgrub64'];
  if (firmware !== null && !words.some((word) => word.startsWith(firmware))) {
    r.end('unknown-word', range, {
      params: { name: 'firmware', text: firmware, words: words.join(', ') },
      xl: ['ERROR: only pvgrub{32|64} supported as firmware options'],
      fixes: r.choices('firmware', firmware, words),
    });
  }
  if (firmware !== null) return `/usr/lib/xen-4.17/boot/${firmware}.bin`;
  if (kernel !== null || bootloader !== null) return kernel;
  const end = r.parsed.text.length;
  const line = `${end === 0 || r.parsed.text.endsWith('\n') ? '' : '\n'}kernel = "/guests/hello.img"\n`;
  return r.end('no-kernel', r.rangeOf('kernel'), {
    xl: ['Neither kernel nor bootloader specified'],
    fixes: r.find('kernel')
      ? []
      : [{ code: 'insert', params: { text: 'kernel' }, edits: [{ range: { start: end, end }, text: line }] }],
  });
}

function readAltp2m(r: ConfigReader): void {
  const text = r.string('altp2m');
  if (text === null) return;
  const number = r.quietNumber('altp2m');
  const words = ['disabled', 'mixed', 'external', 'limited'];
  if (number === null ? words.includes(text.toLowerCase()) : number >= 0n && number <= 3n) return;
  r.end('unknown-word', r.rangeOf('altp2m'), {
    params: { name: 'altp2m', text, words: words.join(', ') },
    xl: [`ERROR: invalid value ${number === null ? `"${text}"` : number} for "altp2m"`],
    fixes: r.choices('altp2m', text.toLowerCase(), words),
  });
}

function readIrqs(r: ConfigReader): number[] {
  return (r.list('irqs')?.items ?? []).map((item, i) => {
    const bad = (line: string): never =>
      r.end('bad-irq', item.range, { params: { text: item.kind === 'atom' ? item.text : '[…]' }, xl: [line] });
    if (item.kind === 'list') return bad(`xl: Unable to get element ${i} in irq list`);
    const number = readUnsigned(item.text, 10);
    if (number?.length !== item.text.length) return bad(`xl: Invalid argument parsing irq: ${item.text}`);
    return number.value < 0xffff_ffffn ? Number(number.value) : bad(`xl: irq ${number.value.toString(16)} too big`);
  });
}

const hex = '[ \\t\\n\\v\\f\\r]*([+-]?)(?:0[xX])?([0-9a-fA-F]+)';
const iomemForm = new RegExp(`^${hex},${hex}(?:@${hex})?$`);

function readIomem(r: ConfigReader): IomemRange[] {
  return (r.list('iomem')?.items ?? []).map((item, i) => {
    const text = item.kind === 'atom' ? item.text : '[…]';
    const match = item.kind === 'atom' ? iomemForm.exec(text) : null;
    if (!match) {
      const line =
        item.kind === 'atom'
          ? `xl: Invalid argument parsing iomem: ${text}`
          : `xl: Unable to get element ${i} in iomem list`;
      return r.end('bad-iomem', item.range, { params: { text }, xl: [line] });
    }
    const frame = (sign = '', digits = ''): bigint =>
      BigInt.asUintN(64, sign === '-' ? -BigInt(`0x${digits}`) : BigInt(`0x${digits}`));
    const guest = match[6] === undefined ? null : frame(match[5], match[6]);
    return { first: frame(match[1], match[2]), count: frame(match[3], match[4]), guest };
  });
}

const warnX86 = (r: ConfigReader, name: string, xl: readonly string[]): void =>
  r.say('warning', 'x86-key', r.rangeOf(name), { params: { name }, xl });

/** Keys about the device model, and those about a display. Returns the frame buffer of a PV guest with `vnc`. */
function readDeviceModel(r: ConfigReader, type: DomainConfig['type'], hasFramebuffer: boolean): Fields[] {
  const model = r.string('device_model');
  if (model !== null) {
    warnX86(r, 'device_model', [
      'WARNING: ignoring device_model directive.',
      'WARNING: Use "device_model_override" instead if you really want a non-default device_model',
    ]);
    if (model.includes('stubdom-dm')) {
      const pv = 'WARNING: ignoring "device_model_stubdomain_override" directive for pv guest';
      const hvm = 'WARNING: Or use "device_model_stubdomain_override" if you  want to enable stubdomains';
      warnX86(r, 'device_model', [type === 'hvm' ? hvm : pv]);
    }
  }
  const override = r.string('device_model_override');
  const version = r.string('device_model_version');
  if (version !== null && version !== 'qemu-xen' && version !== 'qemu-xen-traditional') {
    r.end('unknown-word', r.rangeOf('device_model_version'), {
      params: { name: 'device_model_version', text: version, words: 'qemu-xen, qemu-xen-traditional' },
      xl: [`Unknown device_model_version "${version}" specified`],
      fixes: r.choices('device_model_version', version, ['qemu-xen', 'qemu-xen-traditional']),
    });
  }
  if (override !== null && version === null)
    warnX86(r, 'device_model_override', ['WARNING: device model override given without specific DM version']);
  r.flag('device_model_stubdomain_override');
  r.strings('device_model_stubdomain_seclabel', 'device_model_user', 'stubdomain_kernel', 'stubdomain_ramdisk');
  r.numbers('stubdomain_memory');
  for (const name of ['device_model_args', 'device_model_args_pv', 'device_model_args_hvm']) {
    if (!r.find(name) || r.list(name)) continue;
    r.end('no-list', r.rangeOf(name), { params: { name }, xl: [`xl: Unable to parse ${name}.`], exitCode: 3 });
  }
  const isWanted = type === 'pv' && !hasFramebuffer && (r.number('vnc') ?? 0n) !== 0n;
  const display = type !== 'pv' || isWanted ? readDisplay(r) : {};
  const keymap = isWanted ? (r.string('keymap') ?? undefined) : undefined;
  r.numbers('dm_restrict');
  return isWanted ? [{ ...display, keymap }] : [];
}

function readDisplay(r: ConfigReader): Fields {
  const flag = (name: string): string | undefined => {
    const value = r.flag(name);
    return value === null ? undefined : defbool(value);
  };
  const text = (name: string): string | undefined => r.string(name) ?? undefined;
  const vnc = { enable: flag('vnc'), listen: text('vnclisten'), passwd: text('vncpasswd') };
  const display = readInt(r, 'vncdisplay');
  const findunused = flag('vncunused');
  const sdl = { enable: flag('sdl'), opengl: flag('opengl'), display: text('display'), xauthority: text('xauthority') };
  return { devid: 0, vnc: { ...vnc, display: display || undefined, findunused }, sdl };
}
