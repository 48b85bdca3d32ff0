/**
 * Creates a domain in the order of libxl 4.17 and with its messages (tools/libs/light/libxl_create.c, libxl_dom.c;
 * libxc).
 */
import { assert, defined } from '../../base/assert.ts';
import { place, populateMagicPages, populateRam, startVcpu } from '../../xen/domain/builder.ts';
import type { Domain } from '../../xen/domain/domain.ts';
import { MagicPage, magicBase, ReservedGrant } from '../../xen/domain/guest-layout.ts';
import { unpauseByToolstack } from '../../xen/domain/life.ts';
import { createDomain } from '../../xen/domain/lifetime.ts';
import { pageSize } from '../../xen/machine/machine.ts';
import { Errno } from '../../xen/public/errno.ts';
import { HVM_PARAM } from '../../xen/public/hypercalls.ts';
import { nanoseconds, seconds } from '../../xen/time/time.ts';
import { createPl011 } from '../../xen/vdev/vpl011.ts';
import { type CpuSet, type DomainConfig, kib } from '../config/domain-config.ts';
import { dom0Costs } from '../os/costs.ts';
import { resolvePath } from '../os/files.ts';
import { compute, sleep, type Task } from '../os/task.ts';
import { homeOf } from '../xenstore/paths.ts';
import { runBootloader } from './bootloader.ts';
import type { Complain, DomainRecord, LibxlContext } from './context.ts';
import { findPool } from './cpupools.ts';
import { type CreateHost, judgeBuild, judgeCreate, noMemory, noPlace, spisFor } from './create-judgement.ts';
import { destroyRecord } from './destroy.ts';
import { addDisks } from './devices/disks.ts';
import { judgeAttach, judgeDeviceModel, judgeDisks } from './devices/judgement.ts';
import { addNic, withMacs } from './devices/nics.ts';
import { type PartialTree, readPartialTree } from './devices/partial-tree.ts';
import { assignNodes, giveOfHost } from './devices/passthrough.ts';
import { isKernel, planGuest } from './guest-image.ts';
import { isStrict, pvhInstead } from './hvm.ts';
import { destroyed, noKernelFound, rebuildFails } from './libxl-lines.ts';
import { domidOf } from './names.ts';
import { writeBuiltNodes, writeConsoleNodes, writeDomainNodes, writeRing, writeTerminal } from './store-nodes.ts';
import { storeConfig } from './userdata.ts';
import { randomUuid, uuidBytes } from './uuid.ts';

/** Pages that a domain may have in addition to its memory: LIBXL_MAXMEM_CONSTANT, 1 MiB. */
export const slackPages = 256;
/** libxl__get_required_paging_memory on Arm: 4 KiB for each MiB, and 512 KiB. */
const pagingPages = (memoryKib: number): number => Math.floor(memoryKib / 1024) + 128;

export interface CreateOptions {
  /** Leave it paused. */
  readonly paused: boolean;
  readonly verbose?: boolean;
  /** The directory of relative paths. */
  readonly directory: string;
  /** The config file. */
  readonly source: string;
  /** Its text, with what the command line adds. */
  readonly text: string;
  /** Called when there is something on the domain's console before it is built: its boot loader. */
  readonly onConsole?: (domain: Domain) => void;
}

/**
 * libxl_domain_create_new. Returns the domain's number. If it fails, it complains, undoes everything and returns xl's
 * exit code.
 */
export function* createGuest(
  ctx: LibxlContext,
  given: DomainConfig,
  { paused, verbose, directory, source, text, onConsole = () => {} }: CreateOptions,
  complain: Complain,
): Task<{ readonly domid: number } | { readonly exitCode: number }> {
  const { xen } = ctx;
  const config = given.type === 'hvm' && !isStrict(ctx.files) ? pvhInstead(given) : given;
  yield* ctx.deferred.need(filesOf(config).map((path) => resolvePath(path, directory)));
  yield* compute(dom0Costs.createDomain);
  const judgement = judgeCreate(config, xen.domains.nextNumber, hostOf(ctx, directory));
  if (verbose && judgement.made)
    complain(`libxl: detail: libxl_create.c:662:libxl__domain_make: passthrough: ${passthroughMode(config)}`);
  for (const line of judgement.lines) complain(line);
  if (judgement.exitCode !== 0) {
    // Real libxl has created the domain by then and destroys it.
    if (judgement.made) xen.domains.takeNumber();
    return { exitCode: judgement.exitCode };
  }
  const uuid = config.uuid ?? randomUuid(ctx.random);
  const wanted = {
    uuid: uuidBytes(uuid),
    maxVcpus: config.maxVcpus || 1,
    maxEventChannelPort: 1023,
    maxGrantFrames: config.maxGrantFrames ?? 64,
    maxMaptrackFrames: config.maxMaptrackFrames ?? 1024,
    spis: spisFor(config),
    // The real xl ignores the key.
    ...(config.isUnaccelerated && !isStrict(ctx.files) && { unaccelerated: true as const }),
  };
  const pool = findPool(ctx, config.pool ?? '0')?.id ?? 0;
  const made = createDomain(xen, wanted, { pool });
  if (!made.ok) {
    const reason = refusals[made.error] ?? 'Invalid argument';
    complain(`libxl: error: libxl_create.c:711:libxl__domain_make: domain creation fail: ${reason}`);
    complain('libxl: error: libxl_create.c:1296:initiate_domain_create: cannot make domain: -3');
    return { exitCode: 3 };
  }
  const domain = made.value;
  const { domainId: domid } = domain;
  const record: DomainRecord = {
    domain,
    config: withMacs(config, ctx.random),
    uuid,
    source,
    text,
    update: null,
    startTime: ctx.now(),
    stage: 'made',
  };
  ctx.records.set(domid, record);
  writeDomainNodes(ctx, { domid, name: config.name, uuid });
  const failure =
    (yield* bootAndBuild(ctx, record, directory, complain, () => onConsole(domain))) ??
    (yield* attachDevices(ctx, record, directory));
  const nodes = config.devices.dtdevs.map(({ path }) => String(path));
  const unattached = failure ? null : ((yield* attachNics(ctx, record)) ?? assignNodes(xen, domain, nodes));
  if (failure || unattached) {
    const removed = yield* destroyRecord(ctx, domid);
    const lines = failure ?? [...(unattached ?? []), ...destroyed(domid)];
    // What is said of devices that cannot be removed stands before the lines that say that the domain is gone.
    lines.splice(-destroyed(domid).length, 0, ...removed);
    for (const line of lines) complain(line);
    return { exitCode: 3 };
  }
  storeConfig(ctx, record);
  record.stage = 'complete';
  if (!paused) unpauseByToolstack(xen, domain);
  ctx.domainsChanged.raise();
  return { domid };
}

/** The files of Dom0 that a domain is made of. */
const filesOf = ({ kernel, ramdisk, disks }: DomainConfig): string[] =>
  [kernel, ramdisk, ...disks.map(({ target }) => target)].filter((path) => path !== null);

/** What strerror says where Xen refuses a domain. */
const refusals: Readonly<Record<number, string>> = {
  [Errno.ENOMEM]: 'Cannot allocate memory',
  [Errno.ENODEV]: 'No such device',
};

/** The kinds of disks' back ends that Dom0's kernel serves. */
const drivers: ReadonlySet<string> = new Set(['vbd']);

/** Files that are not among Dom0's: a boot loader has found them in the guest's disk. */
type Contents = ReadonlyMap<string, Uint8Array>;
const noContents: Contents = new Map();

/** Runs the boot loader if there is one, and builds the domain. Returns the error lines if it fails. */
function* bootAndBuild(
  ctx: LibxlContext,
  record: DomainRecord,
  directory: string,
  complain: Complain,
  onConsole: () => void,
): Task<string[] | null> {
  const { config, domain } = record;
  const { domainId: domid } = domain;
  if (config.bootloader === null) return yield* build(ctx, record, config, directory, noContents);
  const loaded = yield* runBootloader(ctx, config, domid, directory, complain, onConsole);
  if (!('config' in loaded)) return rebuildFails(domid, -3, ...loaded);
  const { warnings, failure } = judgeBuild(loaded.config, domid, hostOf(ctx, directory, loaded.contents));
  for (const line of warnings) complain(line);
  return failure ? [...failure] : yield* build(ctx, record, loaded.config, directory, loaded.contents);
}

/** Dom0 and the machine as the judgement of a config sees them. */
export const hostOf = (ctx: LibxlContext, directory: string, contents: Contents = noContents): CreateHost => {
  const { files, xen } = ctx;
  const kind = (path: string): 'directory' | 'file' | 'missing' => {
    const whole = resolvePath(path, directory);
    if (path === '') return 'missing';
    if (files.isDirectory(whole)) return 'directory';
    return contents.has(whole) || files.exists(whole) ? 'file' : 'missing';
  };
  const read = (path: string): Uint8Array | null => fileBytes(ctx, contents, resolvePath(path, directory));
  return {
    drivers,
    cpus: xen.machine.cpus,
    pool: (name) => {
      const pool = findPool(ctx, name);
      return pool && { scheduler: pool.policy.name };
    },
    hasIommu: xen.iommu.isEnabled,
    freeMemory: kib(xen.heap.freePages * 4),
    domainNamed: (name) => domidOf(ctx, name),
    file: kind,
    isKernel: (path) => {
      const bytes = read(path);
      return bytes !== null && isKernel(bytes);
    },
    content: (path) => {
      if (kind(path) === 'directory') return 'directory';
      return path === '' ? 'missing' : (read(path) ?? 'missing');
    },
  };
};

function fileBytes({ files }: LibxlContext, contents: Contents, path: string): Uint8Array | null {
  const read = files.read(path);
  return contents.get(path) ?? (read.ok ? read.value : null);
}

/** The mode that libxl has chosen for a config that it takes. */
const passthroughMode = ({ passthrough: { mode }, devices }: DomainConfig): string =>
  mode === 'disabled' || (mode === 'default' && devices.dtdevs.length === 0) ? 'disabled' : 'share_pt';

/** Gives a built domain its devices. Returns the error lines if it fails. */
function* attachDevices(ctx: LibxlContext, { domain, config }: DomainRecord, directory: string): Task<string[] | null> {
  const host = hostOf(ctx, directory);
  const { domainId: domid } = domain;
  const early = judgeDisks(config, domid, host, yield* addDisks(ctx, domid, config.disks, host, directory));
  const refused = early === null ? giveOfHost(ctx.xen, domain, config.passthrough) : null;
  if (refused) return refused;
  const failure = early ?? judgeDeviceModel(config, domid, host) ?? judgeAttach(config, domid, host);
  if (failure && failure.seconds > 0) yield* sleep(seconds(failure.seconds));
  return failure && [...failure.lines];
}

/** Gives a built domain its network interfaces. Returns the error lines if one fails. */
function* attachNics(ctx: LibxlContext, { domain, config }: DomainRecord): Task<string[] | null> {
  const { domainId: domid } = domain;
  const lines: string[] = [];
  for (const [index, nic] of config.devices.nics.entries())
    lines.push(...(yield* addNic(ctx, domid, nic, typeof nic.devid === 'number' ? nic.devid : index)));
  const where = 'libxl_create.c:1921:domcreate_attach_devices';
  return lines.length > 0 ? [...lines, `libxl: error: ${where}: Domain ${domid}:unable to add vif devices`] : null;
}

/** Builds a domain that Xen has created, until it can run. Returns the error lines if it fails. */
function* build(
  ctx: LibxlContext,
  record: DomainRecord,
  config: DomainConfig,
  directory: string,
  contents: Contents,
): Task<string[] | null> {
  const { xen } = ctx;
  const { domain } = record;
  record.stage = 'built';
  const { domainId: domid, maxVcpus } = domain;
  const memoryKib = config.memory ?? config.maxMemory ?? 0;
  const memory = memoryKib * 1024;
  const present = 2 ** xen.machine.cpus - 1;
  const maskOf = (cpus: CpuSet | undefined): number | null =>
    cpus ? cpus.reduce((mask, cpu) => mask | (1 << cpu), 0) & present : null;
  domain.vcpus.forEach(({ unit }, i) => {
    xen.scheduling.setAffinity(unit, maskOf(config.hardAffinity[i]), maskOf(config.softAffinity[i]));
  });
  xen.scheduling.setDomainParameters(domain, config.scheduling);
  domain.maxPages = memoryKib / 4 + slackPages;
  if (domain.p2m.setPool(pagingPages(memoryKib)) !== 0) return noMemory(domid);

  const bytesOf = (path: string | null): Uint8Array | null =>
    path === null ? null : fileBytes(ctx, contents, resolvePath(path, directory));
  const image = planGuest({
    kernel: bytesOf(config.kernel) ?? new Uint8Array(),
    ramdisk: bytesOf(config.ramdisk),
    commandLine: config.commandLine,
    vcpus: maxVcpus,
    memory,
    vuart: config.vuart,
    partial: partialTree(config, bytesOf(config.deviceTree)),
    rngSeed: ctx.random.bytes(128),
  });
  if (!image.ok && image.error === 'kernel-damaged') return noKernelFound(domid);
  if (!populateRam(domain, memory) || !populateMagicPages(domain)) return noMemory(domid);
  yield* compute(nanoseconds((memory / 2 ** 20) * dom0Costs.populateMiB));
  if (!image.ok) return noPlace(domid, image.error);
  const { pieces, entry, deviceTree } = image.value;
  for (const piece of pieces) {
    place(xen.machine, domain, piece);
    yield* compute(nanoseconds((piece.bytes.length / 2 ** 20) * dom0Costs.copyMiB));
  }
  writeBuiltNodes(ctx, {
    domid,
    uuid: record.uuid,
    maxMemoryKib: memoryKib,
    targetKib: memoryKib,
    maxVcpus,
    onlineVcpus: config.vcpus ?? maxVcpus,
    startTime: (record.startTime / 1e9).toFixed(2),
  });
  startVcpu(xen, domain.vcpu(0), entry, BigInt(deviceTree));
  // After the vCPU is up, because Xen drops events for a vCPU that is down.
  connect(ctx, domain, config.vuart);
  return null;
}

/** What a config's `device_tree` adds to the guest's tree; it has been judged to be readable. */
const partialTree = ({ deviceTree }: DomainConfig, bytes: Uint8Array | null): PartialTree | null => {
  if (deviceTree === null || bytes === null) return null;
  const tree = readPartialTree(deviceTree, bytes);
  return tree.ok ? tree.value : null;
};

/** Binds Dom0's ends of the guest's event channels and connects them to the daemons. */
function connect(ctx: LibxlContext, domain: Domain, vuart: boolean): void {
  const { xen, xenstored, xenconsoled } = ctx;
  const { domainId: domid } = domain;
  const dom0 = defined(xen.domains.get(0), 'Domain-0');
  const port = (): number => domain.events.allocateUnbound(0, dom0);
  const ports = { store: port(), console: port(), vuart: vuart ? port() : 0 };
  const magic = (page: number): number => magicBase / pageSize + page;
  const page = (n: number): Uint8Array => xen.machine.page(defined(domain.hold(magic(n)), `magic page ${n}`));
  const granted = (reference: number, n: number): Uint8Array => {
    domain.grants.seed(reference, 0, magic(n));
    const mapped = ctx.grants.map(domid, reference);
    assert(typeof mapped !== 'number', `magic page ${n} is mapped`);
    // A view of its own: it is written at any time.
    return mapped.writable().subarray();
  };
  const frame = (n: number): number => magic(n);
  const parameter = (index: number, value: number): void => {
    domain.parameters[index] = BigInt(value);
  };
  parameter(HVM_PARAM.CALLBACK_IRQ, 0);
  parameter(HVM_PARAM.STORE_PFN, frame(MagicPage.xenstore));
  parameter(HVM_PARAM.STORE_EVTCHN, ports.store);
  parameter(HVM_PARAM.CONSOLE_PFN, frame(MagicPage.console));
  parameter(HVM_PARAM.CONSOLE_EVTCHN, ports.console);
  parameter(HVM_PARAM.MONITOR_RING_PFN, frame(MagicPage.memaccess));
  const home = homeOf(domid);
  const bind = (port: number, rang: () => void): (() => void) =>
    defined(ctx.bind(domid, port, rang), `port ${port}`).notify;
  writeRing(ctx, `${home}/store`, ports.store, frame(MagicPage.xenstore));
  if (vuart) writeConsoleNodes(ctx, domid, 'vuart', { port: ports.vuart, frame: frame(MagicPage.vuart) });
  writeConsoleNodes(ctx, domid, 'console', { port: ports.console, frame: frame(MagicPage.console) });
  xenstored.introduce(
    domid,
    granted(ReservedGrant.xenstore, MagicPage.xenstore),
    bind(ports.store, () => xenstored.rang(domid)),
  );
  const terminal = xenconsoled.add(
    domid,
    'pv',
    granted(ReservedGrant.console, MagicPage.console),
    bind(ports.console, () => xenconsoled.rang(domid, 'pv')),
  );
  writeTerminal(ctx, domid, 'console', terminal);
  if (!vuart) return;
  const uart = createPl011(xen, domain, frame(MagicPage.vuart), () => xenconsoled.rang(domid, 'vuart'));
  assert(uart.ok, 'the page of the UART is mapped');
  const uartTerminal = xenconsoled.add(domid, 'vuart', page(MagicPage.vuart), () => uart.value.notified());
  writeTerminal(ctx, domid, 'vuart', uartTerminal);
}
