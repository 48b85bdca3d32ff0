/**
 * Xen's driver of the board's SMMU (docs/xen/passthrough.md, "The IOMMU"): a context bank of stage 2 for each domain that
 * has a DMA master, with the domain's own tables.
 */
import type { Hasher } from '../../base/hasher.ts';
import type { CommandLine, Parameter } from '../command-line.ts';
import type { Domain } from '../domain/domain.ts';
import { LogLevel, type XenLog } from '../log.ts';
import type { Machine } from '../machine/machine.ts';
import {
  flushBank,
  mapStream,
  refuseStream,
  smmu,
  startBank,
  startSmmu,
  stopBank,
  takeBankFault,
  takeGlobalFault,
} from '../machine/smmu.ts';
import { Errno } from '../public/errno.ts';
import type { BoardDevices, BoardSmmu } from './board-devices.ts';

interface IommuHost {
  readonly machine: Machine;
  readonly log: XenLog;
  readonly board: BoardDevices;
  readonly commandLine: CommandLine;
}

const yes = /^(1|yes|on|true|enable)$/;
const no = /^(0|no|off|false|disable)$/;
/** Words of `iommu=` that change nothing here. */
const others = /^(no-)?(force|required|verbose|debug|dom0-passthrough|dom0-strict)(=\w+)?$/;

/** `iommu=`: a list of words; the last that is yes or no says whether Xen uses an SMMU. */
export const iommuParameter: Parameter<boolean> = {
  name: 'iommu',
  takes: 'yes or no',
  parse: (value) => {
    const words = value.split(',');
    if (!words.every((word) => yes.test(word) || no.test(word) || others.test(word))) return null;
    const last = words.findLast((word) => yes.test(word) || no.test(word));
    return last === undefined || yes.test(last);
  },
};

export class Iommu {
  readonly isEnabled: boolean;
  private readonly host: IommuHost;
  private readonly smmu: BoardSmmu | null;
  /** By context bank: whose tables it walks. */
  private readonly banks = new Array<Domain | null>(smmu.banks).fill(null);
  /** By stream mapping group: the node of the master whose stream it is. */
  private readonly groups = new Array<string | null>(smmu.groups).fill(null);
  /** By node: the domain that has the master. */
  private readonly owners = new Map<string, Domain>();

  constructor(host: IommuHost) {
    this.host = host;
    this.smmu = host.commandLine.get(iommuParameter, true) ? host.board.smmu : null;
    this.isEnabled = this.smmu !== null;
  }

  /** Sets the SMMU up while Xen boots, and logs what it is. */
  start(): void {
    const { machine, log } = this.host;
    if (!this.smmu) {
      log.printk('I/O virtualisation disabled');
      return;
    }
    this.say('probing hardware configuration...');
    this.say('SMMUv2 with:');
    this.say('\tstage 2 translation');
    // Xen does not end this line.
    const matching = `\tstream matching with ${smmu.groups} register groups, mask 0x7fff`;
    this.say(`${matching}<2>smmu: ${this.smmu.path}: \t${smmu.banks} context banks (0 stage-2 only)`);
    this.say('\tStage-2: 48-bit IPA -> 48-bit PA');
    this.say('registered 0 master devices');
    startSmmu(machine);
    log.printk('I/O virtualisation enabled');
    log.printk(' - Dom0 mode: Relaxed');
  }

  /** Gives Dom0 the masters that are not left to guests. */
  giveDom0(domain: Domain): void {
    for (const [node, { isForGuests }] of this.smmu?.masters ?? []) if (!isForGuests) this.attach(domain, node);
  }

  /** XEN_DOMCTL_assign_device with a node of the tree: 0, or an error. */
  assign(domain: Domain, node: string): number {
    const { log } = this.host;
    if (!this.smmu?.nodes.has(node)) return -Errno.ESRCH;
    const status = this.smmu.masters.has(node)
      ? this.owners.has(node)
        ? -Errno.EBUSY
        : this.attach(domain, node)
      : -Errno.EINVAL;
    if (status !== 0)
      log.guestPrintk(
        `XEN_DOMCTL_assign_dt_device: assign "${node}" to dom${domain.domainId} failed (${status})`,
        LogLevel.error,
      );
    return status;
  }

  /** Takes a domain's masters back, before its memory goes. What they still do is a fault. */
  release(domain: Domain): void {
    const { machine } = this.host;
    for (const [node, owner] of this.owners) {
      if (owner !== domain) continue;
      for (const group of this.groupsOf(node)) refuseStream(machine, group);
      this.owners.delete(node);
    }
    const bank = this.banks.indexOf(domain);
    if (bank < 0) return;
    stopBank(machine, bank);
    this.banks[bank] = null;
    domain.p2m.onFlush.delete(this);
  }

  /** Serves the SMMU's interrupt; false if it is another. */
  take(id: number): boolean {
    if (!this.smmu || id !== smmu.interrupt) return false;
    const { machine } = this.host;
    const global = takeGlobalFault(machine)?.map(hex8);
    if (global) {
      this.fail('Unexpected global fault, this could be serious');
      this.fail(`\tGFSR 0x${global[0]}, GFSYNR0 0x${global[1]}, GFSYNR1 0x${global[2]}, GFSYNR2 0x${global[3]}`);
    }
    for (const [bank, domain] of this.banks.entries()) {
      const fault = domain && takeBankFault(machine, bank);
      if (!fault) continue;
      const { status, low, high, syndrome } = fault;
      const where = `iova=0x${(high * 2 ** 32 + low).toString(16).padStart(8, '0')}`;
      const [fsr, fsynr] = [status.toString(16), syndrome.toString(16)];
      this.fail(`Unhandled context fault: fsr=0x${fsr}, ${where}, fsynr=0x${fsynr}, cb=${bank}`);
    }
    return true;
  }

  fingerprint(hasher: Hasher): void {
    hasher.add(
      this.banks.map((domain) => domain?.domainId ?? -1),
      this.groups,
      [...this.owners].map(([node, { domainId }]) => `${node} ${domainId}`),
    );
  }

  /** Has a domain's tables translate the streams of a master: 0, -ENOSPC without a free bank or group. */
  private attach(domain: Domain, node: string): number {
    const bank = this.bankOf(domain);
    if (bank < 0) return -Errno.ENOSPC;
    const groups = this.groupsOf(node);
    const streams = this.streams(node);
    if (groups.length < streams.length) return -Errno.ENOSPC;
    for (const [i, group] of groups.entries()) {
      this.groups[group] = node;
      mapStream(this.host.machine, group, streams[i] as number, bank);
    }
    this.owners.set(node, domain);
    return 0;
  }

  private streams(node: string): readonly number[] {
    return this.smmu?.masters.get(node)?.streams ?? [];
  }

  /** The groups of a master's streams: those that it keeps once it has had them, else the first that are free. */
  private groupsOf(node: string): number[] {
    const groups = [...this.groups.keys()];
    const own = groups.filter((group) => this.groups[group] === node);
    if (own.length > 0) return own;
    return groups.filter((group) => this.groups[group] === null).slice(0, this.streams(node).length);
  }

  /** The context bank that walks a domain's tables; -1 if there is none left. */
  private bankOf(domain: Domain): number {
    const { machine, log } = this.host;
    const known = this.banks.indexOf(domain);
    if (known >= 0) return known;
    const bank = this.banks.indexOf(null);
    if (bank < 0) return -1;
    this.banks[bank] = domain;
    const root = domain.p2m.vttbrLow >>> 0;
    const rootHigh = domain.p2m.vttbrHigh & 0xffff;
    const address = (rootHigh * 2 ** 32 + root).toString(16).padStart(16, '0');
    log.printk(`smmu: ${this.smmu?.path}: d${domain.domainId}: p2maddr 0x${address}`, LogLevel.info);
    startBank(machine, bank, root, rootHigh);
    domain.p2m.onFlush.set(this, () => flushBank(machine, bank));
    return bank;
  }

  private say(text: string): void {
    this.host.log.printk(`smmu: ${this.smmu?.path}: ${text}`, LogLevel.info);
  }

  private fail(text: string): void {
    this.host.log.printk(`smmu: ${this.smmu?.path}: ${text}`, LogLevel.error);
  }
}

const hex8 = (value: number): string => value.toString(16).padStart(8, '0');
