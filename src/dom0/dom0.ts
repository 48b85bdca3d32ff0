/**
 * The Dom0 model. It is a domain like any other: its vCPU runs a few instructions (dom0-stub.ts) and is scheduled,
 * accounted and preempted. A hypercall that only Dom0 may make enters TypeScript, where Dom0's programs are; the
 * instructions then use the CPU time that the programs have asked for.
 */
import { defined } from '../base/assert.ts';
import type { Hasher } from '../base/hasher.ts';
import { ProbeKind } from '../base/probe/kinds.ts';
import { RandomBytes } from '../base/random.ts';
import type { Port } from '../soc/net/bridge.ts';
import type { Host } from '../soc/net/host/host.ts';
import type { Network } from '../soc/net/network.ts';
import { buildDomain } from '../xen/domain/builder.ts';
import type { Domain, VCpu } from '../xen/domain/domain.ts';
import { ramBanks } from '../xen/domain/guest-layout.ts';
import { shutdownDomain, unpauseByToolstack } from '../xen/domain/life.ts';
import { setX } from '../xen/machine/registers.ts';
import type { Nanoseconds } from '../xen/time/time.ts';
import type { Xen } from '../xen/xen.ts';
import { blockDriver } from './backends/block/backend.ts';
import { BackendBus } from './backends/bus.ts';
import { Grants } from './backends/grants.ts';
import { Netback } from './backends/net/netback.ts';
import { pygrubProgram } from './bootloader/pygrub-program.ts';
import { ConsoleDaemon } from './console/daemon.ts';
import { cyclesPerTurn, dom0Image } from './dom0-stub.ts';
import { RevisionKeeper } from './git/keeper.ts';
import { gitProgram } from './git/program.ts';
import type { BoundChannel, DomainRecord, EventChannels, LibxlContext } from './libxl/context.ts';
import { writeDom0Nodes } from './libxl/store-nodes.ts';
import { messagePath } from './message-of-the-day.ts';
import { ClientsProgram } from './network/clients.ts';
import { dom0Host } from './network/dom0-host.ts';
import { networkPrograms } from './network/programs.ts';
import { BlockDevices } from './os/block-devices.ts';
import { DeferredFiles } from './os/deferred-files.ts';
import { FileSystem } from './os/files.ts';
import { KernelLog } from './os/kernel-log.ts';
import { Processes } from './os/processes.ts';
import { Signal } from './os/task.ts';
import { Tty } from './os/tty.ts';
import { powerPrograms, sysrqTrigger } from './power.ts';
import { lvremoveProgram } from './shell/programs/volumes.ts';
import { type ScriptProgress, Shell } from './shell/shell.ts';
import { XenstoreDaemon } from './xenstore/daemon.ts';
import { xenstorePrograms } from './xenstore/programs.ts';
import { XenStore } from './xenstore/store.ts';
import { arinc653Program } from './xl/arinc653-schedule.ts';
import { xentopProgram } from './xl/xentop.ts';
import { xlProgram } from './xl/xl.ts';

/** The bridge to which libxl connects an interface that names none (xl-network-configuration(5), bridge). */
export const firstBridge = 'xenbr0';

export interface Dom0Options {
  /** MiB. */
  readonly memory: number;
  readonly seed: number;
  /** The core clock in Hz. */
  readonly clockHz: number;
  /** Where its bridges are. */
  readonly network: Network;
  /** Its file system: that of a Dom0 before it, which has stayed, or a new one. */
  readonly files?: FileSystem;
  /** Files that come when a program needs one. */
  readonly deferred?: DeferredFiles;
  /** Gets the terminal's output. */
  output(bytes: Uint8Array): void;
}

export class Dom0 implements LibxlContext {
  readonly xen: Xen;
  readonly store = new XenStore();
  readonly connection = this.store.connect(0);
  readonly files: FileSystem;
  readonly deferred: DeferredFiles;
  readonly processes: Processes;
  readonly blockDevices: BlockDevices;
  readonly kernelLog: KernelLog;
  readonly backends: BackendBus;
  readonly netback: Netback;
  readonly random: RandomBytes;
  readonly grants: Grants;
  readonly xenstored: XenstoreDaemon;
  readonly xenconsoled: ConsoleDaemon;
  readonly records = new Map<number, DomainRecord>();
  readonly domainsChanged = new Signal('domains');
  readonly tty: Tty;
  readonly shell: Shell;
  /** Its bridges: `xenbr0` at first. */
  readonly network: Network;
  /** Dom0 on `xenbr0`. */
  readonly host: Host;
  /** Ports that are not Dom0's. */
  private readonly wires: ReadonlySet<Port>;
  private readonly clients: ClientsProgram;
  private readonly revisions = new RevisionKeeper(this);
  private readonly options: Dom0Options;
  private domain: Domain | undefined;
  /** Dom0's ports: the handler of each, and the domain at the other end. */
  private readonly ports = new Map<number, { readonly domid: number; readonly rang: () => void }>();
  private isWorking = false;

  constructor(xen: Xen, options: Dom0Options) {
    this.xen = xen;
    this.options = options;
    this.files = options.files ?? new FileSystem();
    this.deferred = options.deferred ?? new DeferredFiles();
    this.network = options.network;
    this.wires = new Set(options.network.ports);
    this.xenstored = new XenstoreDaemon(this.store, xen.machine.probe, () => this.now());
    this.xenconsoled = new ConsoleDaemon(xen.machine.probe);
    this.random = new RandomBytes(options.seed);
    this.processes = new Processes({
      now: () => this.now(),
      at: (time, callback) => {
        const timer = xen.timers.create(0, callback);
        timer.set(time);
        return () => timer.stop();
      },
      wake: () => this.wake(),
    });
    this.kernelLog = new KernelLog(() => this.now());
    const { store, processes, kernelLog: log } = this;
    const bind: EventChannels['bind'] = (domid, port, rang) => this.bind(domid, port, rang);
    this.blockDevices = new BlockDevices(this.files);
    this.grants = new Grants(xen);
    const { grants } = this;
    const now = (): Nanoseconds => this.now();
    const { cpus: queues, probe } = xen.machine;
    this.netback = new Netback({ grants, probe, queues, now });
    const drivers = [blockDriver({ devices: this.blockDevices, maxQueues: queues, now }), this.netback];
    this.backends = new BackendBus({ store, processes, log, bind, grants }, drivers);
    this.host = dom0Host(this.network.addBridge(firstBridge), this.files, this.store, this.connection);
    this.clients = new ClientsProgram(() => this.network.addBridge(firstBridge), options.seed);
    this.tty = new Tty((bytes) => options.output(bytes));
    const shutdown = (reason: number) => shutdownDomain(xen, defined(this.domain, 'Domain-0'), reason);
    this.shell = new Shell({
      files: this.files,
      processes: this.processes,
      programs: [
        xlProgram({ libxl: this, processes: this.processes }),
        xentopProgram(this),
        arinc653Program(this),
        ...xenstorePrograms(this),
        pygrubProgram,
        gitProgram,
        this.kernelLog.program,
        ...networkPrograms(this.network, this.host),
        this.clients.program,
        this.blockDevices.program,
        lvremoveProgram((path) => this.isAttached(path)),
        ...powerPrograms(shutdown),
      ],
      tty: this.tty,
      triggers: new Map([['/proc/sysrq-trigger', sysrqTrigger(shutdown)]]),
      out: (text) => this.tty.write(text),
      err: (text) => this.tty.write(text),
      now: () => this.now(),
    });
    for (const path of [
      '/etc/xen',
      '/guests',
      '/root',
      '/var/log/xen',
      '/tmp',
      '/dev/vg',
      '/var/lib/xen/images',
      '/var/lib/xen/dump',
    ])
      this.files.makePath(path);
    xen.onDomainChanged = () => this.domainsChanged.raise();
  }

  now(): Nanoseconds {
    return this.xen.machine.now();
  }

  /** Creates the domain and starts its daemons. Xen calls this at the end of its boot. */
  load(): void {
    const { xen } = this;
    const { memory } = this.options;
    const entry = ramBanks[0].base;
    const built = buildDomain(xen, {
      config: {
        uuid: new Uint8Array(16),
        maxVcpus: 1,
        maxEventChannelPort: 4095,
        maxGrantFrames: 64,
        maxMaptrackFrames: 1024,
        spis: 0,
      },
      isPrivileged: true,
      memory: memory * 2 ** 20,
      pieces: [{ address: entry, bytes: dom0Image() }],
      entry,
    });
    if (!built.ok) throw new RangeError(`There is no room for ${memory} MiB of Domain-0.`);
    const domain = built.value;
    this.domain = domain;
    xen.iommu.giveDom0(domain);
    writeDom0Nodes(this);
    this.processes.spawn(['xenstored'], () => this.xenstored.run());
    this.processes.spawn(['xenconsoled'], () => this.xenconsoled.run());
    this.processes.spawn(['xenwatch'], () => this.backends.run());
    this.processes.spawn(['revisions'], () => this.revisions.run());
    unpauseByToolstack(xen, domain);
  }

  /** It is gone: so are its network interfaces. */
  leave(): void {
    this.host.detach();
    for (const port of this.network.ports) if (!this.wires.has(port)) port.detach();
  }

  /** Starts the shell on Dom0's terminal. */
  startShell(): void {
    const message = this.files.readText(messagePath);
    if (message.ok) this.tty.write(message.value);
    this.processes.spawn(['sh'], () => this.shell.interact(this.tty, 'dom0# '));
  }

  /** Runs a script from where it has come to; `done` gets its exit code. */
  startScript(text: string, done: (code: number) => void, progress?: ScriptProgress): void {
    const { shell } = this;
    this.processes.spawn(['sh', '-c', text], function* () {
      const code = yield* shell.run(text, progress);
      done(code);
      return code;
    });
  }

  bind(domid: number, remotePort: number, rang: () => void): BoundChannel | null {
    const { events } = defined(this.domain, 'Domain-0');
    const port = events.bindInterdomain(domid, remotePort);
    if (port < 0) return null;
    const bound = { domid, rang };
    this.ports.set(port, bound);
    const ifOpen = (act: () => void): void => {
      if (this.ports.get(port) === bound) act();
    };
    return {
      notify: () => ifOpen(() => events.send(port)),
      close: () =>
        ifOpen(() => {
          events.close(port);
          this.ports.delete(port);
        }),
    };
  }

  unbind(domid: number): void {
    const { events } = defined(this.domain, 'Domain-0');
    for (const [port, bound] of this.ports) {
      if (bound.domid !== domid) continue;
      events.close(port);
      this.ports.delete(port);
    }
  }

  /**
   * Adds all of Dom0's state that decides how it goes on, without changing it. Guest memory, Xen's timers and the
   * stub's registers are part of the machine's own fingerprint.
   */
  fingerprint(hasher: Hasher): void {
    this.files.fingerprint(hasher);
    this.deferred.fingerprint(hasher);
    this.processes.fingerprint(hasher);
    this.xenstored.fingerprint(hasher);
    this.xenconsoled.fingerprint(hasher);
    this.backends.fingerprint(hasher);
    this.kernelLog.fingerprint(hasher);
    this.blockDevices.fingerprint(hasher);
    this.tty.fingerprint(hasher);
    this.shell.fingerprint(hasher);
    this.host.fingerprint(hasher);
    this.clients.fingerprint(hasher);
    hasher.add(this.random.state, this.ports.size, this.records.size);
    for (const [port, { domid }] of this.ports) hasher.add(port, domid);
    for (const [domid, { config, uuid, startTime }] of this.records)
      hasher.add(domid, JSON.stringify(config), uuid, startTime);
  }

  /**
   * The stub's hypercall: runs Dom0's programs. X0 returns how many turns of its loop the stub must make, or 0 to
   * wait.
   */
  serve(vcpu: VCpu): void {
    this.isWorking = true;
    this.takeEvents(vcpu);
    const time = this.processes.work();
    this.isWorking = false;
    this.xen.machine.probe.emit(ProbeKind.dom0Work, 0, time);
    const turns = Math.ceil((time * this.options.clockHz) / 1e9 / cyclesPerTurn);
    setX(this.xen.machine.core, 0, turns, 0);
  }

  /** Whether some domain has a file as a disk. */
  private isAttached(path: string): boolean {
    return this.store
      .list('/local/domain/0/backend')
      .some(({ path: node, value }) => node.endsWith('/params') && value.endsWith(path));
  }

  private takeEvents(vcpu: VCpu): void {
    const { events } = defined(this.domain, 'Domain-0');
    for (const port of events.takePending(vcpu)) this.ports.get(port)?.rang();
  }

  /** A program is ready: interrupts the vCPU, as an event does. */
  private wake(): void {
    const vcpu = this.domain?.vcpus[0];
    if (!vcpu || this.isWorking) return;
    this.xen.vgic.inject(vcpu, defined(this.domain, 'Domain-0').eventInterrupt);
  }
}
