/** The unmodified Xen with Debian's Dom0 on a board, joined to the session by Dom0's agent (guests/dom0). */

import { concatenated } from '../../base/bytes.ts';
import type { Hasher } from '../../base/hasher.ts';
import { ok, type Result } from '../../base/result.ts';
import { bytes, list, nullable, number, readShape, record, text } from '../../base/shape.ts';
import type { ArchiveFile } from '../../boot/cpio.ts';
import type { Segment } from '../../boot/elf.ts';
import type { BootPlan } from '../../boot/loader.ts';
import { FileSystem } from '../../dom0/os/files.ts';
import { ZynqMp } from '../../soc/board/zynqmp.ts';
import { type HostState, hostState } from '../../soc/net/host/host.ts';
import { MemoryDisks } from '../../soc/storage/disk-store.ts';
import type { RealXen, XenRequest } from '../api/boot.ts';
import type { ConsoleId } from '../api/console.ts';
import type { Input } from '../api/input.ts';
import type { PortInfo } from '../api/network.ts';
import type { Dom0View, RevisionsView } from '../dom0.ts';
import { labHost } from '../network/lab-host.ts';
import { portsOf } from '../network/ports.ts';
import { type Blueprint, enterBoard, type SavedSystem, type System, type SystemHost } from '../system.ts';
import type { UsageView } from '../usage/usage.ts';
import { Dom0Files, type FilesState, filesState } from '../xen/files.ts';
import { bootScriptPath, firstFiles, isOfModel } from '../xen/first-files.ts';
import { planBootSet } from './boot-set.ts';
import { type DomainsState, domainsState, RealDomains } from './domains.ts';
import { type Frame, Link, type LinkState, largestFrame, linkState } from './link.ts';
import { RealView } from './real-view.ts';
import { type RealUsageState, realUsageState } from './usage.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const nothing = new Uint8Array();

/** What Domain-0's terminal shows until its shell does. */
const booting = 'Domain-0 boots. What its kernel says meanwhile is on Xen’s serial port.\r\n';

/** Where the agent finds the script that the front door has given. */
const scriptPath = '/run/el2lab.script';
/** The agent sends no larger files. */
const largestFile = 2 ** 20;
/** What may wait for Dom0's terminal. */
const typedMax = 65_536;

/** What the agent tells of a file that a program of Dom0 has written. */
interface Incoming {
  readonly path: string;
  readonly parts: Uint8Array[];
}

interface RealState {
  readonly lab: HostState;
  readonly link: LinkState;
  readonly domains: DomainsState;
  readonly usage: RealUsageState;
  readonly files: FilesState;
  readonly incoming: { readonly path: string; readonly parts: readonly Uint8Array[] } | null;
  readonly steps: readonly string[];
  readonly held: readonly Uint8Array[];
  readonly scriptCode: number | null;
}

const realState = record<RealState>({
  lab: hostState,
  link: linkState,
  domains: domainsState,
  usage: realUsageState,
  files: filesState,
  incoming: nullable(record({ path: text, parts: list(bytes) })),
  steps: list(text),
  held: list(bytes),
  scriptCode: nullable(number),
});

export class RealXenSystem implements System, Dom0View {
  readonly board: ZynqMp;
  readonly hypervisor: RealView;
  readonly files: Dom0Files;
  readonly saved: SavedSystem;
  readonly summary = null;
  readonly #request: XenRequest;
  readonly #real: RealXen;
  readonly #host: SystemHost;
  /** Dom0's files as far as they are known here: those that it was given, and what its programs write where the agent looks. */
  readonly #mirror = new FileSystem(new MemoryDisks());
  readonly #link: Link;
  readonly #domains: RealDomains;
  readonly #lab;
  #incoming: Incoming | null = null;
  /** What is run on the terminal, one after the other: paths of scripts, and `` for a shell. */
  #steps: string[] = [];
  /** Keys that wait for the shell. */
  #held: Uint8Array[] = [];
  #scriptCode: number | null = null;

  /** @param plan what the firmware loads first */
  constructor(request: XenRequest, real: RealXen, plan: BootPlan, host: SystemHost) {
    const { machine } = request;
    this.#request = request;
    this.#real = real;
    this.#host = host;
    this.board = new ZynqMp({
      cores: machine.cpus,
      dramSize: machine.memoryMiB * 2 ** 20,
      el: 2,
      log: host.log,
      transmit: (uart, byte) => (uart === 1 ? this.#link.receive(byte) : host.print('serial', Uint8Array.of(byte))),
      end: host.end,
    });
    this.#link = new Link(
      (bytes) => this.board.receive(1, bytes),
      (frame) => this.#take(frame),
    );
    this.#lab = labHost(this.board.lan);
    this.#domains = new RealDomains(machine.cpus, schedulerOf(request.commandLine));
    this.hypervisor = new RealView(
      this.board,
      this.#domains,
      real.symbols?.bytes ?? nothing,
      machine.memoryMiB * 1024,
      (path) => this.#mirror.exists(path),
      (text) => host.log('xen', text),
    );
    this.files = startFiles(this.#mirror, request);
    this.saved = {
      loaded: this.#start(plan),
      saveState: () => this.#saveState(),
      loadState: (state) => this.#loadState(state),
    };
  }

  get usage(): UsageView {
    return this.hypervisor;
  }

  get dom0(): Dom0View {
    return this;
  }

  get scriptCode(): number | null {
    return this.#scriptCode;
  }

  get wantsDeferred(): boolean {
    return false;
  }

  get revisions(): RevisionsView {
    return {
      historyOf: () => ({ branch: null, branches: [], revisions: [], running: [] }),
      fileIn: () => null,
      bundle: () => null,
    };
  }

  ports(): readonly PortInfo[] {
    return portsOf(this.board.network, this.#lab, () => null);
  }

  /** The firmware loads all again, with the files as they are by now. What was running in Dom0 has ended. */
  restart(): void {
    for (const id of this.#domains.ids) if (id > 0) this.#host.closeConsole(`${id}/pv`);
    this.hypervisor.restart();
    this.#link.reset();
    this.#incoming = null;
    if (this.#request.script !== null) this.#scriptCode ??= 1;
    const plan = planBootSet(this.#request, this.#real, archiveOf(this.#mirror, this.#real));
    if (plan.ok) this.#start(plan.value);
    // Only files that Dom0's programs have written since can make it too large.
    else this.#host.log('loader', plan.error);
  }

  sliceEnded(now: number): void {
    this.#link.pump();
    this.hypervisor.sliceEnded(now);
  }

  enter(input: Input): Result<number> {
    const entered = this.files.enter(input);
    if (entered) {
      if (entered.ok) this.#pass(input);
      return entered;
    }
    if (input.kind === 'deferredCame') return ok(0);
    const typed = input.kind === 'keys' ? this.#type(input.console, input.bytes) : null;
    return typed ?? enterBoard(this.board, input);
  }

  fingerprint(hasher: Hasher): void {
    this.#lab.fingerprint(hasher);
    this.#link.fingerprint(hasher);
    this.#domains.fingerprint(hasher);
    this.#mirror.fingerprint(hasher);
    hasher.add(
      this.#scriptCode,
      this.#steps,
      this.#held,
      this.#incoming && [this.#incoming.path, this.#incoming.parts],
    );
  }

  /** Returns what the firmware has loaded. */
  #start(plan: BootPlan): readonly Segment[] {
    const { startsDomains, script, interactive } = this.#request;
    this.#steps = [];
    if (startsDomains && this.#mirror.exists(bootScriptPath)) this.#steps.push(bootScriptPath);
    if (script !== null && this.#scriptCode === null) this.#steps.push(scriptPath);
    if (interactive) this.#steps.push('');
    for (const place of plan.places) this.#host.log('loader', place);
    if (interactive) this.#host.print('dom0', encoder.encode(booting));
    this.board.start(plan, plan.deviceTree);
    return plan.segments;
  }

  #saveState(): RealState {
    return {
      lab: this.#lab.saveState(),
      link: this.#link.saveState(),
      domains: this.#domains.saveState(),
      usage: this.hypervisor.saveUsage(),
      files: this.files.saveState(),
      incoming: this.#incoming && { ...this.#incoming, parts: [...this.#incoming.parts] },
      steps: [...this.#steps],
      held: [...this.#held],
      scriptCode: this.#scriptCode,
    };
  }

  #loadState(state: unknown): Result<null> {
    const read = readShape(realState, state, 'snapshot.system');
    if (!read.ok) return read;
    const { lab, link, domains, usage, files, incoming, steps, held, scriptCode } = read.value;
    this.#lab.loadState(lab);
    this.#link.loadState(link);
    this.#domains.loadState(domains);
    this.hypervisor.loadUsage(usage);
    this.files.loadState(files);
    this.#incoming = incoming && { path: incoming.path, parts: [...incoming.parts] };
    this.#steps = [...steps];
    this.#held = [...held];
    this.#scriptCode = scriptCode;
    return ok(null);
  }

  #take({ type, contents }: Frame): void {
    switch (type) {
      case 'h':
        this.#link.open();
        if (this.#request.script !== null) this.#sendFile(scriptPath, encoder.encode(this.#request.script));
        this.#step();
        break;
      case 't':
        this.#host.print('dom0', contents);
        break;
      case 'x':
        if (this.#steps.shift() === scriptPath) this.#scriptCode = contents[0] ?? 1;
        else if (this.#steps.length === 0 && this.#request.interactive) this.#steps.push('');
        this.#step();
        break;
      case 'c':
        if (this.#domains.has(idOf(contents))) this.#host.print(`${idOf(contents)}/pv`, contents.subarray(2));
        break;
      case 'g':
        this.#domains.named(idOf(contents), decoder.decode(contents.subarray(2)));
        break;
      case 'l':
        this.#domains.gone(idOf(contents));
        this.#host.closeConsole(`${idOf(contents)}/pv`);
        break;
      case 'i':
        this.#domains.state(contents);
        break;
      case 'o':
        this.#incoming = { path: decoder.decode(contents), parts: [] };
        break;
      case 'd':
        if (this.#incoming && this.#incoming.parts.length < largestFile / largestFrame)
          this.#incoming.parts.push(contents);
        break;
      case 'e':
        if (this.#incoming) this.#written(this.#incoming);
        this.#incoming = null;
        break;
      case 'u':
        this.files.remove(decoder.decode(contents));
        break;
      case 'p':
        this.files.makeDirectory(decoder.decode(contents));
    }
  }

  /** A program of Dom0 has written a file. */
  #written({ path, parts }: Incoming): void {
    const bytes = concatenated(parts);
    const known = this.#mirror.read(path);
    const isSame = known.ok && known.value.length === bytes.length && known.value.every((byte, i) => byte === bytes[i]);
    if (!isSame) this.files.write(path, bytes);
  }

  /** Runs the next script, or a shell, on Dom0's terminal. */
  #step(): void {
    const [next] = this.#steps;
    if (next !== undefined) this.#link.send('r', encoder.encode(next));
    if (next === '') for (const keys of this.#held.splice(0)) this.#link.send('k', keys);
  }

  #sendFile(path: string, bytes: Uint8Array): void {
    // Until the agent is there, the file is part of what Dom0 starts with, or comes after that.
    this.#link.send('o', encoder.encode(path));
    this.#link.send('d', bytes);
    this.#link.send('e', nothing);
  }

  /** Tells the agent of a change of files. */
  #pass(input: Input): void {
    switch (input.kind) {
      case 'writeFile':
        this.#sendFile(input.path, input.bytes);
        break;
      case 'renameFile':
        this.#link.send('m', encoder.encode(`${input.path}\0${input.to}\0`));
        break;
      case 'removeFile':
        this.#link.send('u', encoder.encode(input.path));
        break;
      case 'makeDirectory':
        this.#link.send('p', encoder.encode(input.path));
    }
  }

  /** Types on Dom0's terminal or a domain's console; null for a port of the board. */
  #type(console: ConsoleId, bytes: Uint8Array): Result<number> | null {
    if (console === 'serial1') return ok(0); // the agent's
    const [domain, kind] = console.split('/');
    if (console !== 'dom0' && kind !== 'pv') return null;
    const waiting = this.#held.reduce((sum, { length }) => sum + length, this.#link.backlog);
    const taken = bytes.subarray(0, Math.max(0, typedMax - waiting));
    if (taken.length === 0) return ok(0);
    const id = Number(domain);
    // A script of the boot does not take what is meant for the shell behind it.
    if (console === 'dom0' && this.#request.interactive && this.#steps[0] !== '') this.#held.push(taken.slice());
    else if (console === 'dom0') this.#link.send('k', taken);
    else this.#link.send('c', taken, Uint8Array.of(id & 0xff, id >> 8));
    return ok(taken.length);
  }
}

const idOf = (contents: Uint8Array): number => (contents[0] ?? 0) + 256 * (contents[1] ?? 0);

const schedulerOf = (commandLine: string): string => commandLine.match(/.*\bsched=(\S+)/)?.[1] ?? 'credit';

/** The files that Dom0 starts with. */
const startFiles = (files: FileSystem, { guests, user }: XenRequest): Dom0Files =>
  new Dom0Files(files, [...firstFiles.filter(({ path }) => !isOfModel(path)), ...guests], user);

/** Files of Dom0 as they go into its RAM disk, and the agent. */
function archiveOf(files: FileSystem, { agent }: RealXen): ArchiveFile[] {
  const archive: ArchiveFile[] = [{ path: 'sbin/el2lab-agent', mode: 0o755, bytes: agent }];
  for (const path of files.walk('/')) {
    const read = files.read(path);
    if (read.ok) archive.push({ path: path.slice(1), mode: 0o644, bytes: read.value });
  }
  return archive;
}

/** Reads what is asked for, or says in one sentence for the user what is wrong with it. */
export function planRealXen(request: XenRequest, real: RealXen): Result<Blueprint<RealXenSystem>> {
  const files = new FileSystem(new MemoryDisks());
  startFiles(files, request);
  const plan = planBootSet(request, real, archiveOf(files, real));
  if (!plan.ok) return plan;
  return ok({
    name: 'Xen 4.17',
    recipe: { kind: 'xen', request },
    symbols: real.symbols?.bytes ?? nothing,
    build: (host) => new RealXenSystem(request, real, plan.value, host),
  });
}
