/** Xen with Dom0 and its domains on a board. */
import { ok, type Result } from '../../base/result.ts';
import { Dom0 } from '../../dom0/dom0.ts';
import { clockHz, ZynqMp } from '../../soc/board/zynqmp.ts';
import { measuredCosts, noCosts } from '../../xen/costs.ts';
import { Machine } from '../../xen/machine/machine.ts';
import { Xen } from '../../xen/xen.ts';
import type { XenRequest } from '../api/boot.ts';
import type { ConsoleId } from '../api/console.ts';
import type { DomainList, Utilisation, UtilisationRequest, XenStatus } from '../api/hypervisor.ts';
import { type Blueprint, type System, type SystemHost, transmitter, typeOnSerial } from '../system.ts';
import { readXenCommandLine, type XenCommandLine } from './command-line.ts';
import { DomainWatch } from './domains.ts';
import { Dom0Files } from './files.ts';
import { bootScriptPath, firstFiles } from './first-files.ts';
import { samplePeriod, UtilisationRecorder } from './utilisation.ts';

/** Length of a slice in nanoseconds (session.ts). */
const sliceNs = 50_000;
/** Bytes that are typed on Dom0's terminal at a time. */
const typedAtOnce = 4096;

export class XenSystem implements System {
  readonly board: ZynqMp;
  readonly xen: Xen;
  readonly dom0: Dom0;
  readonly files: Dom0Files;
  readonly #watch: DomainWatch;
  readonly #recorder: UtilisationRecorder;
  #scriptCode: number | null = null;

  constructor(request: XenRequest, commandLine: XenCommandLine, host: SystemHost) {
    const { machine } = request;
    this.board = new ZynqMp({
      cores: machine.cpus,
      dramSize: machine.memoryMiB * 2 ** 20,
      el: 2,
      log: host.log,
      transmit: transmitter(host),
      end: host.end,
    });
    this.xen = new Xen(new Machine(this.board), {
      costs: request.costs ? measuredCosts : noCosts,
      commandLine: request.commandLine,
      loadDom0: () => this.dom0.load(),
      control: (vcpu) => this.dom0.serve(vcpu),
    });
    this.dom0 = new Dom0(this.xen, {
      memory: commandLine.dom0MiB,
      seed: request.seed,
      clockHz,
      output: (bytes) => host.print('dom0', bytes),
    });
    this.dom0.xenconsoled.onOutput = (domid, kind, bytes) => host.print(`${domid}/${kind}`, bytes);
    this.files = new Dom0Files(this.dom0.files, [...firstFiles, ...request.guests], request.user);
    this.#watch = new DomainWatch(this.dom0);
    this.#recorder = new UtilisationRecorder(this.xen, this.#watch);
    this.#recorder.onGone = ({ domainId }) => {
      host.closeConsole(`${domainId}/pv`);
      host.closeConsole(`${domainId}/vuart`);
    };
    for (const note of commandLine.notes) host.log('xen', note);
    this.xen.boot();
    this.#begin(request);
  }

  input(console: ConsoleId, bytes: Uint8Array): number {
    if (console === 'dom0') return this.#typeOnDom0(bytes);
    const [domain, kind] = console.split('/');
    return kind === 'pv' || kind === 'vuart'
      ? this.dom0.xenconsoled.type(Number(domain), kind, bytes)
      : typeOnSerial(this.board, console, bytes);
  }

  /** Exit code of the script, once it has ended. */
  get scriptCode(): number | null {
    return this.#scriptCode;
  }

  sliceEnded(slice: number): void {
    const now = slice * sliceNs;
    if (now % samplePeriod === 0) this.#recorder.sample(now);
  }

  fingerprint(): string {
    const domains = this.#watch
      .list()
      .domains.map(({ scheduling, consoles, attached, ...rest }) => ({ ...rest, ...scheduling, consoles, attached }));
    return `${JSON.stringify(domains)} ${this.xen.heap.freePages} ${this.files.fingerprint()} ${this.xen.log.ring}`;
  }

  status(): XenStatus {
    return {
      domains: this.#watch.list().version,
      files: this.files.end,
      sampled: this.#recorder.sampled,
      scriptCode: this.#scriptCode,
      freeKib: this.xen.heap.freePages * 4,
    };
  }

  domains(): DomainList {
    return this.#watch.list();
  }

  utilisation(request: UtilisationRequest): Utilisation {
    return this.#recorder.query(request);
  }

  /** What Dom0's terminal is for: scripts, one after the other, and then the shell. */
  #begin({ startsDomains, script, interactive }: XenRequest): void {
    const first = this.dom0.files.readText(bootScriptPath);
    const steps: ((next: () => void) => void)[] = [];
    if (startsDomains && first.ok) steps.push((next) => this.dom0.startScript(first.value, next));
    if (script !== null) {
      steps.push((next) =>
        this.dom0.startScript(script, (code) => {
          this.#scriptCode = code;
          next();
        }),
      );
    }
    if (interactive) steps.push(() => this.dom0.startShell());
    const go = (): void => steps.shift()?.(go);
    go();
  }

  #typeOnDom0(bytes: Uint8Array): number {
    let taken = 0;
    while (taken < bytes.length) {
      const next = bytes.subarray(taken, taken + typedAtOnce);
      if (!this.dom0.tty.type(next)) break;
      taken += next.length;
    }
    return taken;
  }
}

/** Reads what is asked for, or says in one sentence for the user what is wrong with it. */
export function planXen(request: XenRequest): Result<Blueprint<XenSystem>> {
  const { machine } = request;
  const commandLine = readXenCommandLine(request.commandLine, machine.memoryMiB);
  if (!commandLine.ok) return commandLine;
  return ok({
    name: 'Xen',
    machine,
    symbols: new Uint8Array(),
    build: (host) => new XenSystem(request, commandLine.value, host),
  });
}
