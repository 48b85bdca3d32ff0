/** Xen with Dom0 and its domains on a board. */
import type { Hasher } from '../../base/hasher.ts';
import { ok, type Result } from '../../base/result.ts';
import { Dom0, firstBridge } from '../../dom0/dom0.ts';
import { bundleOfConfigs, fileIn, historyOf } from '../../dom0/git/revisions.ts';
import { vifsOf } from '../../dom0/network/vifs.ts';
import { DeferredFiles } from '../../dom0/os/deferred-files.ts';
import { FileSystem } from '../../dom0/os/files.ts';
import type { ScriptProgress } from '../../dom0/shell/shell.ts';
import { clockHz, ZynqMp } from '../../soc/board/zynqmp.ts';
import { measuredCosts, noCosts } from '../../xen/costs.ts';
import { Machine } from '../../xen/machine/machine.ts';
import type { BoardDevices } from '../../xen/passthrough/board-devices.ts';
import { readBoardTree } from '../../xen/passthrough/board-tree.ts';
import { stockBoard } from '../../xen/passthrough/stock-board.ts';
import { Xen } from '../../xen/xen.ts';
import type { XenRequest } from '../api/boot.ts';
import type { ConsoleId } from '../api/console.ts';
import type { Dom0File } from '../api/files.ts';
import type { Input } from '../api/input.ts';
import type { PortInfo } from '../api/network.ts';
import type { Dom0View, RevisionsView } from '../dom0.ts';
import { portsOf } from '../network/ports.ts';
import { type Blueprint, enterBoard, type System, type SystemHost, transmitter } from '../system.ts';
import type { UsageView } from '../usage/usage.ts';
import { readXenCommandLine, type XenCommandLine } from './command-line.ts';
import { Dom0Files } from './files.ts';
import { boardTreePath, bootScriptPath, firstFiles, storyTreePath } from './first-files.ts';
import { guestVolume, isPartOfVolume } from './guest-volume.ts';
import { guestVolumePath } from './linux-guests.ts';
import { ModelView } from './model-view.ts';
import { ModelMoments } from './moments.ts';

/** Bytes that are typed on Dom0's terminal at a time. */
const typedAtOnce = 4096;

interface Models {
  readonly xen: Xen;
  readonly dom0: Dom0;
}

export class XenSystem implements System, Dom0View {
  readonly board: ZynqMp;
  readonly hypervisor: ModelView;
  readonly files: Dom0Files;
  private readonly request: XenRequest;
  private readonly host: SystemHost;
  private readonly dom0MiB: number;
  private _model: Models;
  /** They stay deferred through a restart, as files stay. */
  private readonly deferred: DeferredFiles;
  private readonly progress: ScriptProgress = { next: 0 };
  private _scriptCode: number | null = null;
  /** What Dom0 does on its terminal one after the other. */
  private readonly steps: ((next: () => void) => void)[] = [];

  constructor(request: XenRequest, commandLine: XenCommandLine, host: SystemHost) {
    const { machine } = request;
    this.request = request;
    this.host = host;
    this.dom0MiB = commandLine.dom0MiB;
    this.deferred = new DeferredFiles(request.deferred);
    this.board = new ZynqMp({
      cores: machine.cpus,
      dramSize: machine.memoryMiB * 2 ** 20,
      el: 2,
      lan: firstBridge,
      log: host.log,
      transmit: transmitter(host),
      end: host.end,
    });
    this._model = this.models();
    const { dom0 } = this._model;
    const given = [...request.guests, ...request.user.files];
    const volume = guestVolume((path) => given.findLast((file) => file.path === path)?.bytes ?? null);
    const seed = [...firstFiles, ...request.guests, ...(volume ? [volume] : [])];
    this.files = new Dom0Files(dom0.files, seed, request.user);
    this.hypervisor = new ModelView(dom0, this.board.cluster.cores, ({ domainId }) => {
      host.closeConsole(`${domainId}/pv`);
      host.closeConsole(`${domainId}/vuart`);
    });
    this.moments = new ModelMoments(this, [request, host]);
    for (const note of commandLine.notes) host.log('xen', note);
    this.boot();
  }

  /** The models, for what builds on them. */
  get model(): Models {
    return this._model;
  }

  /**
   * Xen boots again, scrubs memory as it does at each boot, and starts Dom0, whose files have stayed on its disk. A
   * script goes on with the command after the one that was running.
   */
  restart(): void {
    const before = this._model.dom0;
    for (const { consoles } of this.hypervisor.domains().domains)
      for (const console of consoles) this.host.closeConsole(console);
    before.leave();
    this._model = this.models(before.files);
    this._model.dom0.host.restoreLeases(before.host.leases);
    const { xen, dom0 } = this._model;
    for (let frame = 0; frame < xen.machine.frames; frame++) xen.machine.scrub(frame);
    this.hypervisor.restart(dom0, (this.board.events.now * 1e9) / clockHz);
    this.boot();
  }

  ports(): readonly PortInfo[] {
    const { store, connection, network, host } = this._model.dom0;
    const vifs = new Map(vifsOf(store, connection).map(({ name, domid }) => [name, domid]));
    return portsOf(network, host, (port) => vifs.get(port) ?? null);
  }

  get usage(): UsageView {
    return this.hypervisor;
  }

  get revisions(): RevisionsView {
    const { files, records } = this.model.dom0;
    return {
      historyOf: (path) => historyOf(files, records, path),
      fileIn: (id, path) => fileIn(files, id, path),
      bundle: () => bundleOfConfigs(files),
    };
  }

  get dom0(): Dom0View {
    return this;
  }

  /** Exit code of the script, once it has ended. */
  get scriptCode(): number | null {
    return this._scriptCode;
  }

  get wantsDeferred(): boolean {
    return this.deferred.isWanted;
  }

  enter(input: Input): Result<number> {
    const entered = this.files.enter(input);
    if (entered) {
      if (input.kind === 'writeFile' && input.isOriginal && isPartOfVolume(input.path)) this.renewVolume();
      return entered;
    }
    if (input.kind === 'deferredCame') {
      this.deferred.came(input.isComplete);
      return ok(0);
    }
    const typed = input.kind === 'keys' ? this.type(input.console, input.bytes) : null;
    return typed ?? enterBoard(this.board, input);
  }

  sliceEnded(now: number): void {
    this.hypervisor.sliceEnded(now);
  }

  readonly summary = null;

  /** Dom0's programs are coroutines, which are no plain data. */
  readonly saved = null;
  readonly moments: ModelMoments;

  fingerprint(hasher: Hasher): void {
    this.model.xen.fingerprint(hasher);
    this.model.dom0.fingerprint(hasher);
    hasher.add(this._scriptCode);
  }

  /** Makes the guest's volume anew when Linux has come, as long as nobody has used it. */
  private renewVolume(): void {
    const { files, records } = this.model.dom0;
    const isInUse = [...records.values()].some(({ config }) =>
      config.disks.some(({ target }) => target === guestVolumePath),
    );
    if (isInUse || files.originalOfDisk(guestVolumePath) === null) return;
    const volume = guestVolume((path) => {
      const read = files.read(path);
      return read.ok ? read.value : null;
    });
    if (!volume) return;
    files.remove(guestVolumePath);
    this.files.writeOriginal(volume.path, volume.bytes);
  }

  /** The board's tree: among the first files, or among those of a Dom0 before. */
  private boardTree(files?: FileSystem): Dom0File | null {
    const { guests, user } = this.request;
    const first = [...guests, ...user.files];
    for (const path of [boardTreePath, storyTreePath]) {
      const read = files?.read(path);
      const bytes = read ? read.ok && read.value : first.findLast((file) => file.path === path)?.bytes;
      if (bytes) return { path, bytes };
    }
    return null;
  }

  /** Xen and Dom0 before their boot. `files`: those of a Dom0 before. */
  private models(files?: FileSystem): Models {
    const { commandLine, costs, seed } = this.request;
    const host = this.host;
    const { devices, note } = boardOf(this.boardTree(files));
    if (note !== null) host.log('xen', note);
    const xen = new Xen(new Machine(this.board), {
      costs: costs ? measuredCosts : noCosts,
      commandLine: `${commandLine} ${devices.commandLine}`.trim(),
      board: devices,
      loadDom0: () => dom0.load(),
      control: (vcpu) => dom0.serve(vcpu),
    });
    const dom0 = new Dom0(xen, {
      memory: this.dom0MiB,
      seed,
      clockHz,
      network: this.board.network,
      output: (bytes) => host.print('dom0', bytes),
      files: files ?? new FileSystem(host.disks),
      deferred: this.deferred,
    });
    dom0.xenconsoled.onOutput = (domid, kind, bytes) => host.print(`${domid}/${kind}`, bytes);
    return { xen, dom0 };
  }

  /** Boots, and runs on Dom0's terminal what was asked for: scripts, one after the other, and then the shell. */
  private boot(): void {
    const { xen, dom0 } = this._model;
    const { startsDomains, script, interactive } = this.request;
    xen.boot();
    const first = dom0.files.readText(bootScriptPath);
    const { steps } = this;
    steps.length = 0;
    if (startsDomains && first.ok) steps.push((next) => dom0.startScript(first.value, next));
    if (script !== null && this._scriptCode === null) {
      steps.push((next) => {
        const ended = (code: number): void => {
          this._scriptCode = code;
          next();
        };
        dom0.startScript(script, ended, this.progress);
      });
    }
    if (interactive) steps.push(() => dom0.startShell());
    const go = (): void => steps.shift()?.(go);
    go();
  }

  /** Types on a console of Dom0 or of a domain; null for one of the board. */
  private type(console: ConsoleId, bytes: Uint8Array): Result<number> | null {
    if (console === 'dom0') return ok(this.typeOnDom0(bytes));
    const [domain, kind] = console.split('/');
    return kind === 'pv' || kind === 'vuart' ? ok(this.model.dom0.xenconsoled.type(Number(domain), kind, bytes)) : null;
  }

  private typeOnDom0(bytes: Uint8Array): number {
    let taken = 0;
    while (taken < bytes.length) {
      const next = bytes.subarray(taken, taken + typedAtOnce);
      if (!this.model.dom0.tty.type(next)) break;
      taken += next.length;
    }
    return taken;
  }
}

/**
 * What Dom0 has of the board by its tree, and what the log says of that. Without a tree, or with one
 * that cannot be used, the board has the stock tree: the user can then mend the file in Dom0.
 */
const boardOf = (tree: Dom0File | null): { devices: BoardDevices; note: string | null } => {
  if (tree === null) return { devices: stockBoard, note: null };
  const read = readBoardTree(tree.bytes);
  if (!read.ok) return { devices: stockBoard, note: `${tree.path} ${read.error}: the stock tree is used instead` };
  const free = [...read.value.interrupts].filter(([, { isRouted }]) => !isRouted).map(([id]) => id);
  const which = free.length === 0 ? 'no interrupts' : free.join(', ');
  return { devices: read.value, note: `${tree.path} is the board’s device tree; free for guests: ${which}` };
};

/** Reads what is asked for, or says in one sentence for the user what is wrong with it. */
export function planXen(request: XenRequest): Result<Blueprint<XenSystem>> {
  const commandLine = readXenCommandLine(request.commandLine, request.machine.memoryMiB);
  if (!commandLine.ok) return commandLine;
  return ok({
    name: 'Xen',
    recipe: { kind: 'xen', request },
    symbols: new Uint8Array(),
    build: (host) => new XenSystem(request, commandLine.value, host),
  });
}
