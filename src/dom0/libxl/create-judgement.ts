/**
 * libxl 4.17.7's warnings and errors when it creates a domain. They were observed with Debian's binaries on a ZCU102
 * with four CPUs and a GICv2; the numbers in them are lines of libxl's source.
 */
import type { CpuSet, DomainConfig, KiB } from '../config/domain-config.ts';
import { type DeviceHost, judgeDefaults } from './devices/judgement.ts';
import { type PartialFile, readPartialTree } from './devices/partial-tree.ts';
import type { GuestImageError } from './guest-image.ts';
import { hvmRefusal } from './hvm.ts';
import { destroyed, noFirmware, rebuildFails } from './libxl-lines.ts';
import { libxlSchedulers } from './schedulers/index.ts';

/** The state of the machine that the answer depends on. */
export interface CreateHost extends DeviceHost {
  /** Physical CPUs. */
  readonly cpus: number;
  /** A pool of CPUs by its name or number, with its scheduler; null if there is none. */
  readonly pool: (name: string) => { readonly scheduler: string } | null;
  /** Whether Xen uses an IOMMU. */
  readonly hasIommu: boolean;
  /** Xen's free memory. */
  readonly freeMemory: KiB;
  readonly content: (path: string) => PartialFile;
  /** Whether a file is a kernel, or what is loaded for one. */
  readonly isKernel: (path: string) => boolean;
}

export interface CreateJudgement {
  /** Lines for xl's standard error, in order. */
  readonly lines: readonly string[];
  /** xl's exit code; 0 if the domain can be created. */
  readonly exitCode: number;
  /** Whether Xen created the domain at first, so that the next one gets another number. */
  readonly made: boolean;
}

/** The most vCPUs that a GICv2 supports. */
const gicV2Vcpus = 8;
const mebibyte = 1024;

/** Checks a config in libxl's order. `domid` is the number that the domain would get. */
export function judgeCreate(config: DomainConfig, domid: number, host: CreateHost): CreateJudgement {
  const lines: string[] = [];
  const end = (exitCode: number, made: boolean, ...more: string[]): CreateJudgement => ({
    lines: [...lines, ...more],
    exitCode,
    made,
  });
  const label = (line: number, key: string): string =>
    `libxl: warning: libxl_create.c:${line}:libxl__domain_config_setdefault: XSM Disabled: ${key} not supported`;
  if (config.hasLabel) lines.push(label(1087, 'init_seclabel'));
  if (config.hasExecLabel) lines.push(label(1102, 'seclabel'));
  if (config.pool !== null && host.pool(config.pool) === null) {
    const where = 'libxl_create.c:1134:libxl__domain_config_setdefault';
    return end(6, false, `libxl: error: ${where}: Illegal pool specified: ${config.pool}`);
  }
  if (config.type === 'pv') lines.push(...convertingPv);
  const refusal = judgePassthrough(config, host.hasIommu);
  if (refusal) return end(6, false, ...refusal);
  if (Math.ceil((config.vcpus ?? 0) / 8) > 128) {
    return end(
      3,
      false,
      'libxl: error: libxl_create.c:220:libxl__domain_build_info_setdefault: avail_vcpus bitmap contains too many VCPUS',
      'libxl: error: libxl_create.c:1241:libxl__domain_config_setdefault: Unable to set domain build info defaults',
    );
  }
  const vcpus = config.maxVcpus || 1;
  const { irqs } = config.passthrough;
  if (config.vuart && irqs.includes(pl011Spi)) {
    return end(
      3,
      false,
      `libxl: error: libxl_arm.c:128:libxl__arch_domain_prepare_config: Physical IRQ ${pl011Spi} conflicting with pl011 SPI`,
      '',
      'libxl: error: libxl_create.c:676:libxl__domain_make: fail to get domain config: Success',
      cannotMake,
    );
  }
  if (config.gicVersion === 'v3') return end(3, true, ...creationFails('No such device'));
  if (isInvalidForXen(config, vcpus)) return end(3, true, ...creationFails('Invalid argument'));
  if (host.domainNamed(config.name) !== null) return end(3, true, ...nameTaken(domid, config.name));
  const defaults = judgeDefaults(config, domid, host);
  if (defaults) return end(3, true, ...defaults);
  if (config.bootloader !== null) {
    const line = `libxl: error: libxl_bootloader.c:427:libxl__bootloader_run: Domain ${domid}:cannot run bootloader with no boot disk`;
    if (config.disks.length === 0) return end(3, true, ...rebuildFails(domid, -3, line));
    // What it finds is judged when it has run.
    return end(0, true);
  }
  const build = judgeBuild(config, domid, host);
  lines.push(...build.warnings);
  return build.failure ? end(3, true, ...build.failure) : end(0, true);
}

/** A config, and what its build depends on. */
interface Judged {
  readonly config: DomainConfig;
  readonly vcpus: number;
  readonly domid: number;
  readonly host: CreateHost;
}

/** What libxl says when it is to build the domain, and the errors for which it does not. */
export function judgeBuild(
  config: DomainConfig,
  domid: number,
  host: CreateHost,
): { readonly warnings: readonly string[]; readonly failure: readonly string[] | null } {
  const warnings: string[] = [];
  const failure = buildFailure({ config, vcpus: config.maxVcpus || 1, domid, host }, warnings);
  return { warnings, failure };
}

/** The errors for which libxl does not build the domain, or null. Warnings are added to `lines`. */
function buildFailure(judged: Judged, lines: string[]): string[] | null {
  const { config, vcpus, domid, host } = judged;
  const outside = (set: CpuSet): boolean => set.every((cpu) => cpu >= host.cpus);
  const [first] = config.hardAffinity;
  const uniform = config.hardAffinity.every((set) => set.join() === first?.join());
  if (first && uniform && config.hardAffinity.length === vcpus && outside(first)) {
    const where = 'libxl_dom.c:190:numa_place_domain';
    return rebuildFails(domid, -6, `libxl: error: ${where}: Hard affinity completely outside of domain's cpupool!`);
  }
  for (let vcpu = 0; vcpu < vcpus; vcpu++) {
    const hard = config.hardAffinity[vcpu];
    if (hard && outside(hard)) {
      return rebuildFails(
        domid,
        -3,
        `libxl: error: libxl_sched.c:62:libxl__set_vcpuaffinity: Domain ${domid}:Setting vcpu affinity: Invalid argument`,
        `libxl: error: libxl_dom.c:350:libxl__build_pre: setting affinity failed on vcpu \`${vcpu}'`,
      );
    }
    const soft = config.softAffinity[vcpu];
    // A soft affinity must share a CPU with the hard affinity.
    if (soft && !soft.some((cpu) => cpu < host.cpus && (!hard || hard.includes(cpu)))) {
      lines.push(
        `libxl: warning: libxl_sched.c:84:libxl__set_vcpuaffinity: Domain ${domid}:All cpus in soft affinity of vcpu ${vcpu} are unreachable. Only hard affinity will be considered for scheduling`,
      );
    }
  }
  return judgePool(judged) ?? judgeFiles(judged) ?? judgeTree(judged) ?? judgeMemory(judged) ?? judgeScheduling(judged);
}

/** The pool for the guest's stage 2 tables: 4 KiB for each MiB, and 512 KiB. */
function judgePool({ config: { maxMemory }, domid, host }: Judged): string[] | null {
  // No value is all ones in 64 bits. Numbers that a double cannot hold exactly have the same result.
  const given = maxMemory === null || maxMemory >= 2 ** 64 ? 2n ** 64n - 1n : BigInt(maxMemory);
  const kilobytes = 4n * (given / 1024n) + 512n;
  const where = (line: number): string =>
    `libxl: error: libxl_dom.c:${line}:libxl__domain_set_paging_mempool_size: Domain ${domid}:`;
  if (kilobytes >= 2n ** 54n) {
    return rebuildFails(
      domid,
      -3,
      `${where(1462)}shadow_memkb value ${kilobytes}kB too large: No such file or directory`,
    );
  }
  if (kilobytes <= BigInt(host.freeMemory)) return null;
  return rebuildFails(
    domid,
    -3,
    `${where(1470)}Failed to set paging mempool size to ${kilobytes}kB: Cannot allocate memory`,
  );
}

function judgeFiles({ config, domid, host }: Judged): string[] | null {
  const missing = (path: string): string =>
    `xc: error: panic: xg_dom_core.c:205: failed to open file '${path}': No such file or directory: Internal error`;
  const noFile = 'No such file or directory';
  if (config.type === 'hvm') return hvmRefusal(domid, host);
  for (const [path, line, what] of [
    [config.kernel, 909, 'xc_dom_kernel_file'],
    [config.ramdisk, 926, 'xc_dom_ramdisk_file'],
  ] as const) {
    if (path === null) continue;
    const kind = host.file(path);
    if (kind === 'missing') return noFirmware(domid, missing(path), line, what, noFile);
    if (kind === 'file') continue;
    const cause = `xc: error: panic: xg_dom_core.c:213: failed to seek on file '${path}': Invalid argument: Internal error`;
    return noFirmware(domid, cause, line, what, 'Invalid argument');
  }
  return null;
}

function judgeTree({ config: { deviceTree, kernel }, domid, host }: Judged): string[] | null {
  // A file that is no kernel is reported before.
  if (deviceTree === null || (kernel !== null && !host.isKernel(kernel))) return null;
  const tree = readPartialTree(deviceTree, host.content(deviceTree));
  return tree.ok ? null : rebuildFails(domid, -3, ...tree.error);
}

function judgeMemory({ config: { memory, maxMemory }, domid, host }: Judged): string[] | null {
  const wanted = memory ?? maxMemory ?? 0;
  if (wanted < mebibyte) return outOfMemory(domid, 'No such file or directory');
  if (wanted > host.freeMemory || (maxMemory ?? 0) > wanted) return outOfMemory(domid, 'Cannot allocate memory');
  return null;
}

function judgeScheduling({ config, vcpus, domid, host }: Judged): string[] | null {
  const pool = host.pool(config.pool ?? '0');
  const scheduler = libxlSchedulers.find(({ name }) => name === pool?.scheduler);
  const refusal = scheduler?.refusal({ domid, vcpus }, config.scheduling) ?? null;
  return refusal === null ? null : rebuildFails(domid, -6, refusal);
}

/** Without an IOMMU, devices that are DMA masters cannot be handed to guests; with one, they share the guest's tables. */
function judgePassthrough({ passthrough: { mode }, devices }: DomainConfig, hasIommu: boolean): string[] | null {
  const where = (line: number): string => `libxl: error: libxl_create.c:${line}:libxl__domain_config_setdefault: `;
  const hasDevices = devices.dtdevs.length + devices.pcidevs.length > 0;
  if (mode === 'disabled') return hasDevices ? [`${where(1167)}passthrough disabled but devices are specified`] : null;
  if (mode === 'default' && !hasDevices) return null;
  // libxl ends these lines itself, so that an empty one follows.
  if (!hasIommu) return [`${where(1160)}passthrough not supported on this platform`, ''];
  return mode === 'sync_pt'
    ? [
        'libxl: error: libxl_arm.c:1585:libxl__arch_passthrough_mode_setdefault: passthrough="sync_pt" not supported on ARM',
        '',
      ]
    : null;
}

/** The greatest number of SPIs of a virtual GIC, which come in banks of 32. */
const mostSpis = 988;

/** Whether Xen refuses to make the domain. */
const isInvalidForXen = (config: DomainConfig, vcpus: number): boolean =>
  vcpus > gicV2Vcpus ||
  config.maxGrantFrames === 0 ||
  (config.maxGrantVersion !== null && (config.maxGrantVersion < 1 || config.maxGrantVersion > 2)) ||
  config.tee === 'optee' ||
  config.nestedHvm ||
  config.tracesVm ||
  Math.ceil(spisFor(config) / 32) * 32 > mostSpis;

const firstSpi = 32;
const pl011Spi = 32;

/** The SPIs that the guest's virtual GIC must have. */
export const spisFor = ({ vuart, passthrough: { irqs } }: DomainConfig): number =>
  Math.max(vuart ? pl011Spi - firstSpi + 1 : 0, ...irqs.map((irq) => irq - firstSpi + 1));

const convertingPv = [
  'Converting PV guest to PVH.',
  'Arm guest are now PVH.',
  'Please fix your configuration file/toolstack.',
].map((text, i) => `libxl: warning: libxl_arm.c:${1538 + i}:libxl__arch_domain_create_info_setdefault: ${text}`);

const cannotMake = 'libxl: error: libxl_create.c:1296:initiate_domain_create: cannot make domain: -3';

const creationFails = (reason: string): string[] => [
  `libxl: error: libxl_create.c:711:libxl__domain_make: domain creation fail: ${reason}`,
  cannotMake,
];

const nameTaken = (domid: number, name: string): string[] => [
  `libxl: error: libxl_domain.c:81:libxl__domain_rename: Domain ${domid}:Domain with name "${name}" already exists.`,
  `libxl: error: libxl_create.c:1296:initiate_domain_create: Domain ${domid}:cannot make domain: -6`,
  `libxl: error: libxl_xshelp.c:206:libxl__xs_read_mandatory: xenstore read failed: \`/libxl/${domid}/type': No such file or directory`,
  `libxl: warning: libxl_dom.c:49:libxl__domain_type: unable to get domain type for domid=${domid}, assuming HVM`,
  ...destroyed(domid),
];

const outOfMemory = (domid: number, reason: string): string[] =>
  rebuildFails(
    domid,
    -3,
    "xc: error: panic: xg_dom_boot.c:119: xc_dom_boot_mem_init: can't allocate low memory for domain: Out of memory",
    `libxl: error: libxl_dom.c:586:libxl__build_dom: xc_dom_boot_mem_init failed: ${reason}`,
  );

/** libxl's lines when memory runs out during the build. */
export const noMemory = (domid: number): string[] => outOfMemory(domid, 'Cannot allocate memory');

/** libxl's lines when kernel, RAM disk and device tree do not fit into the domain's memory. */
export const noPlace = (domid: number, error: GuestImageError): string[] => {
  const where = typeof error === 'string' ? '' : ` (${hex(error.place)} < ${hex(error.kernelEnd)})`;
  return rebuildFails(
    domid,
    -3,
    `xc: error: panic: xg_dom_core.c:567: xc_dom_alloc_pad: segment boundary too low${where}: Internal error`,
    'libxl: error: libxl_dom.c:594:libxl__build_dom: xc_dom_build_image failed: Function not implemented',
  );
};

const hex = (address: number): string => `0x${address.toString(16)}`;
