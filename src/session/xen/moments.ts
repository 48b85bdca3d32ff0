/**
 * Moments of the models of Xen and Domain-0, within the program: what all their objects hold. Domain-0's programs are coroutines;
 * where one waits quietly (`quietly`, src/dom0/os), it is begun anew at its wait. So a moment is kept when all of them do.
 */
import { CoreState } from '../../arch/state/core.ts';
import { Memory } from '../../arch/state/memory.ts';
import { HeldObjects } from '../../base/held-objects.ts';
import { Probe } from '../../base/probe/probe.ts';
import { Cluster } from '../../cluster/cluster.ts';
import type { Dom0 } from '../../dom0/dom0.ts';
import { ZynqMp } from '../../soc/board/zynqmp.ts';
import type { Xen } from '../../xen/xen.ts';
import type { HeldSystem, SystemMoments } from '../system.ts';
import type { Dom0Files } from './files.ts';

/** What is held of a system with the models. */
interface ModelSystem {
  readonly board: ZynqMp;
  readonly files: Dom0Files;
  /** Those of now: a reset makes others. */
  readonly model: { readonly xen: Xen; readonly dom0: Dom0 };
}

export class ModelMoments implements SystemMoments {
  private readonly system: ModelSystem;
  private readonly objects: HeldObjects;

  /** @param outside what else is not the models' */
  constructor(system: ModelSystem, outside: readonly object[]) {
    this.system = system;
    const { board } = system;
    const others = new Set<object>([this, ...outside]);
    this.objects = new HeldObjects((object) => others.has(object) || isBoards(object), board.cluster.memory.u8.buffer);
  }

  get isQuiet(): boolean {
    const { xen, dom0 } = this.system.model;
    return !xen.isBooting && dom0.processes.isQuiet;
  }

  get horizon(): number {
    return this.system.model.dom0.files.keptChanges;
  }

  hold(): HeldSystem {
    const { system } = this;
    const held = this.objects.hold([system, system.board.network]);
    const pages = new Set<number>(system.model.xen.writtenPages());
    for (const { byteOffset, byteLength } of held.views)
      for (let page = byteOffset >>> 12; page * 4096 < byteOffset + byteLength; page++) pages.add(page);
    return {
      restore: () => {
        system.files.moveBy(() => held.restore());
        const { xen, dom0 } = system.model;
        xen.moved();
        dom0.processes.moved();
      },
      bytes: held.bytes,
      pages: [...pages],
    };
  }
}

/** Parts of the board, and what is no state. */
const boards = [ZynqMp, Cluster, CoreState, Memory, Probe];
const isBoards = (object: object): boolean => boards.some((part) => object instanceof part);
