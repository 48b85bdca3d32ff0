/** Creating a domain, in the order and with the words of libxl 4.17 (tools/libs/light/libxl_create.c, libxl_dom.c; libxc). */
import { assert, defined } from '../../base/assert.ts';
import { createVcpus, nextDomainId } from '../../xen/domain/create.ts';
import type { Domain } from '../../xen/domain/domain.ts';
import { MagicPage, magicBase, magicPages, ramOf } from '../../xen/domain/guest-layout.ts';
import { unpauseByToolstack } from '../../xen/domain/life.ts';
import { Errno } from '../../xen/hypercall/errno.ts';
import { pageSize } from '../../xen/machine/machine.ts';
import { nanoseconds } from '../../xen/time/time.ts';
import { createPl011 } from '../../xen/vdev/vpl011.ts';
import { type CpuSet, type DomainConfig, kib } from '../config/domain-config.ts';
import { dom0Costs } from '../os/costs.ts';
import { resolvePath } from '../os/files.ts';
import { compute, type Task } from '../os/task.ts';
import { homeOf } from '../xenstore/paths.ts';
import type { Complain, LibxlContext } from './context.ts';
import { judgeCreate, noLoader, noMemory, noPlace } from './create-judgement.ts';
import { destroyRecord } from './destroy.ts';
import { type GuestImage, planGuest } from './guest-image.ts';
import { domidOf } from './names.ts';
import { writeConsoleNodes, writeDomainNodes, writeRing, writeType } from './store-nodes.ts';
import { randomUuid, uuidBytes } from './uuid.ts';

/** Frames that a domain may have beyond its memory: LIBXL_MAXMEM_CONSTANT, 1 MiB. */
const slackPages = 256;
/** libxl__get_required_paging_memory on Arm: 4 KiB for each MiB, and 512 KiB besides. */
const pagingPages = (memoryKib: number): number => Math.floor(memoryKib / 1024) + 128;

/** HVM_PARAM_* (public/hvm/params.h). */
const Param = {
  callbackIrq: 0,
  storePfn: 1,
  storeEvtchn: 2,
  consolePfn: 17,
  consoleEvtchn: 18,
  monitorRingPfn: 28,
} as const;

export interface CreateOptions {
  /** Leave it paused. */
  readonly paused: boolean;
  readonly verbose?: boolean;
  /** What relative paths begin at. */
  readonly directory: string;
}

/** libxl_domain_create_new. Returns the domain's number, or the exit code of xl when it said why not; then nothing is left behind. */
export function* createGuest(
  ctx: LibxlContext,
  config: DomainConfig,
  { paused, verbose, directory }: CreateOptions,
  complain: Complain,
): Task<{ readonly domid: number } | { readonly exitCode: number }> {
  const { xen, files } = ctx;
  yield* compute(dom0Costs.createDomain);
  const judgement = judgeCreate(config, nextDomainId(xen), {
    cpus: xen.machine.cpus,
    freeMemory: kib(xen.heap.freePages * 4),
    file: (path) => {
      const whole = resolvePath(path, directory);
      return files.isDirectory(whole) ? 'directory' : files.exists(whole) ? 'file' : 'missing';
    },
    nameTaken: (name) => domidOf(ctx, name) !== null,
  });
  if (verbose && judgement.made)
    complain('libxl: detail: libxl_create.c:662:libxl__domain_make: passthrough: disabled');
  for (const line of judgement.lines) complain(line);
  if (judgement.exitCode !== 0) {
    // Real libxl has made the domain by then, and taken it away again.
    if (judgement.made) xen.lastDomain = nextDomainId(xen);
    return { exitCode: judgement.exitCode };
  }
  const uuid = config.uuid ?? randomUuid(ctx.random);
  const made = xen.createDomain({
    uuid: uuidBytes(uuid),
    maxVcpus: config.maxVcpus || 1,
    maxEventChannelPort: 1023,
    maxGrantFrames: config.maxGrantFrames ?? 64,
    maxMaptrackFrames: config.maxMaptrackFrames ?? 1024,
    spis: config.vuart ? 1 : 0,
  });
  if (!made.ok) {
    const reason = made.error === Errno.ENOMEM ? 'Cannot allocate memory' : 'Invalid argument';
    complain(`libxl: error: libxl_create.c:711:libxl__domain_make: domain creation fail: ${reason}`);
    complain('libxl: error: libxl_create.c:1296:initiate_domain_create: cannot make domain: -3');
    return { exitCode: 3 };
  }
  const domain = made.value;
  const { domainId: domid } = domain;
  ctx.records.set(domid, { domain, config, uuid, startTime: ctx.now() });
  const failure = yield* build(ctx, domain, config, uuid, directory);
  if (failure) {
    yield* destroyRecord(ctx, domid);
    for (const line of failure) complain(line);
    return { exitCode: 3 };
  }
  if (!paused) unpauseByToolstack(xen, domain);
  ctx.domainsChanged.raise();
  return { domid };
}

/** Everything between a domain that is made and one that can run; what to say if it fails. */
function* build(
  ctx: LibxlContext,
  domain: Domain,
  config: DomainConfig,
  uuid: string,
  directory: string,
): Task<readonly string[] | null> {
  const { xen, files } = ctx;
  const { domainId: domid, maxVcpus } = domain;
  const memoryKib = config.memory ?? config.maxMemory ?? 0;
  const memory = memoryKib * 1024;
  writeDomainNodes(ctx, {
    domid,
    name: config.name,
    uuid,
    maxMemoryKib: memoryKib,
    targetKib: memoryKib,
    maxVcpus,
    onlineVcpus: config.vcpus ?? maxVcpus,
    startTime: (ctx.now() / 1e9).toFixed(2),
  });
  writeType(ctx, domid);
  createVcpus(xen, domain);
  const present = 2 ** xen.machine.cpus - 1;
  const maskOf = (cpus: CpuSet | undefined): number | null =>
    cpus ? cpus.reduce((mask, cpu) => mask | (1 << cpu), 0) & present : null;
  domain.vcpus.forEach(({ unit }, i) => {
    xen.scheduling.setAffinity(unit, maskOf(config.hardAffinity[i]), maskOf(config.softAffinity[i]));
  });
  const { weight, cap } = config.scheduling;
  xen.scheduling.policy.setDomainParameters(domain, {
    ...(weight !== null && { weight }),
    ...(cap !== null && { cap }),
  });
  domain.maxPages = memoryKib / 4 + slackPages;
  if (domain.p2m.setPool(pagingPages(memoryKib)) !== 0) return noMemory(domid);

  const bytesOf = (path: string | null): Uint8Array | null => {
    const read = path === null ? null : files.read(resolvePath(path, directory));
    return read?.ok ? read.value : null;
  };
  const image = planGuest({
    kernel: bytesOf(config.kernel) ?? new Uint8Array(),
    ramdisk: bytesOf(config.ramdisk),
    commandLine: config.commandLine,
    vcpus: maxVcpus,
    memory,
    vuart: config.vuart,
    rngSeed: ctx.random.bytes(128),
  });
  if (!image.ok && image.error === 'kernel-damaged') return noLoader(domid);
  if (!populate(domain, memory)) return noMemory(domid);
  yield* compute(nanoseconds((memory / 2 ** 20) * dom0Costs.populateMiB));
  if (!image.ok) return noPlace(domid, image.error);
  yield* load(ctx, domain, image.value);
  start(xen, domain, image.value);
  // After its vCPU is up: what Xen is to tell one that is down, it forgets.
  connect(ctx, domain, config.vuart);
  return null;
}

/** Gives a domain its RAM and its magic pages, in the largest blocks that fit. */
function populate(domain: Domain, memory: number): boolean {
  for (const { base, size } of ramOf(memory)) {
    let gfn = base / pageSize;
    for (let left = Math.floor(size / pageSize); left > 0; ) {
      const order = [18, 9, 0].find((o) => left >= 2 ** o && gfn % 2 ** o === 0) ?? 0;
      // Where memory is in pieces, smaller blocks do.
      const tried = [order, ...(order > 9 ? [9] : []), ...(order > 0 ? [0] : [])];
      const done = tried.find((o) => domain.populate(gfn, o) === 0);
      if (done === undefined) return false;
      gfn += 2 ** done;
      left -= 2 ** done;
    }
  }
  for (let page = 0; page < magicPages; page++) if (domain.populate(magicBase / pageSize + page, 0) !== 0) return false;
  return true;
}

function* load({ xen }: LibxlContext, domain: Domain, { pieces }: GuestImage): Task {
  for (const { address, bytes } of pieces) {
    for (let at = 0; at < bytes.length; ) {
      const gfn = Math.floor((address + at) / pageSize);
      const offset = (address + at) % pageSize;
      const page = pageOf(xen.machine, domain, gfn);
      const count = Math.min(pageSize - offset, bytes.length - at);
      page.set(bytes.subarray(at, at + count), offset);
      at += count;
    }
    yield* compute(nanoseconds((bytes.length / 2 ** 20) * dom0Costs.copyMiB));
  }
}

/** A frame of a guest that is mapped, as bytes. */
const pageOf = (machine: LibxlContext['xen']['machine'], domain: Domain, gfn: number): Uint8Array =>
  machine.page(defined(domain.p2m.lookUp(gfn), `page ${gfn}`).mfn);

/** Binds Dom0's ends of the guest's channels and has its daemons serve them. */
function connect(ctx: LibxlContext, domain: Domain, vuart: boolean): void {
  const { xen, xenstored, xenconsoled } = ctx;
  const { domainId: domid } = domain;
  const dom0 = defined(xen.domains.get(0), 'Domain-0');
  const port = (): number => domain.events.allocateUnbound(0, dom0);
  const ports = { store: port(), console: port(), vuart: vuart ? port() : 0 };
  const magic = (page: number): number => magicBase / pageSize + page;
  const page = (n: number): Uint8Array => xen.machine.page(defined(domain.hold(magic(n)), `magic page ${n}`));
  const frame = (n: number): number => magic(n);
  const parameter = (index: number, value: number): void => {
    domain.parameters[index] = BigInt(value);
  };
  parameter(Param.callbackIrq, 0);
  parameter(Param.storePfn, frame(MagicPage.xenstore));
  parameter(Param.storeEvtchn, ports.store);
  parameter(Param.consolePfn, frame(MagicPage.console));
  parameter(Param.consoleEvtchn, ports.console);
  parameter(Param.monitorRingPfn, frame(MagicPage.memaccess));
  const home = homeOf(domid);
  const bind = (port: number, rang: () => void): (() => void) => ctx.bind(domid, port, rang);
  writeRing(ctx, `${home}/store`, ports.store, frame(MagicPage.xenstore));
  writeConsoleNodes(ctx, domid, 'console');
  writeRing(ctx, `${home}/console`, ports.console, frame(MagicPage.console));
  xenstored.introduce(
    domid,
    page(MagicPage.xenstore),
    bind(ports.store, () => xenstored.rang(domid)),
  );
  xenconsoled.add(
    domid,
    'pv',
    page(MagicPage.console),
    bind(ports.console, () => xenconsoled.rang(domid, 'pv')),
  );
  if (!vuart) return;
  writeConsoleNodes(ctx, domid, 'vuart');
  writeRing(ctx, `${home}/vuart/0`, ports.vuart, frame(MagicPage.vuart));
  const uart = createPl011(xen, domain, frame(MagicPage.vuart), () => xenconsoled.rang(domid, 'vuart'));
  assert(uart.ok, 'the page of the UART is mapped');
  xenconsoled.add(domid, 'vuart', page(MagicPage.vuart), () => uart.value.notified());
}

/** SET_vcpucontext of the first vCPU: EL1h with interrupts masked, the device tree's address in X0. */
function start(xen: LibxlContext['xen'], domain: Domain, { entry, deviceTree }: GuestImage): void {
  const vcpu = domain.vcpu(0);
  vcpu.context.begin(entry, 0x1c5, BigInt(deviceTree));
  vcpu.isInitialised = true;
  xen.scheduling.setDown(vcpu.unit, false);
}
