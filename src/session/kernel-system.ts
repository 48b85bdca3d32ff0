/** A kernel on a board, entered as the firmware enters it. */
import { ok, type Result } from '../base/result.ts';
import { readShape, record } from '../base/shape.ts';
import { planBoot } from '../boot/loader.ts';
import { boardTree } from '../soc/board/device-tree.ts';
import { dramBase } from '../soc/board/map.ts';
import { ZynqMp } from '../soc/board/zynqmp.ts';
import { type HostState, hostState } from '../soc/net/host/host.ts';
import type { BootRequest, BootSummary } from './api/boot.ts';
import { labHost } from './network/lab-host.ts';
import { portsOf } from './network/ports.ts';
import { type Blueprint, enterBoard, type System, transmitter } from './system.ts';
import { CoreUsage } from './usage/core-usage.ts';
import { type UsageState, usageState } from './usage/usage.ts';

export interface KernelSystem extends System {
  readonly summary: BootSummary;
}

interface KernelState {
  readonly lab: HostState;
  readonly usage: UsageState;
}

const kernelState = record<KernelState>({ lab: hostState, usage: usageState });

/** Finds a place for everything, or says in one sentence for the user why there is none. */
export function planKernel(request: BootRequest): Result<Blueprint<KernelSystem>> {
  const { machine, kernel } = request;
  const dramSize = machine.memoryMiB * 2 ** 20;
  const plan = planBoot(request, { base: dramBase, size: dramSize, cores: machine.cpus, builtInTree: boardTree });
  if (!plan.ok) return plan;
  const { format, entry, places, deviceTree } = plan.value;
  return ok({
    name: kernel.name,
    recipe: { kind: 'kernel', request },
    symbols: kernel.bytes,
    build: (host) => {
      const board = new ZynqMp({
        cores: machine.cpus,
        dramSize,
        el: machine.el,
        log: host.log,
        transmit: transmitter(host),
        end: host.end,
      });
      const usage = new CoreUsage(board);
      const lab = labHost(board.lan);
      for (const place of places) host.log('loader', place);
      return {
        board,
        usage,
        summary: { format, entry, loaded: board.start(plan.value, deviceTree) },
        ports: () => portsOf(board.network, lab, () => null),
        hypervisor: null,
        dom0: null,
        enter: (input) => enterBoard(board, input),
        restart: () => void board.start(plan.value, deviceTree),
        sliceEnded: (now) => usage.sliceEnded(now),
        fingerprint: (hasher) => lab.fingerprint(hasher),
        saved: {
          loaded: plan.value.segments,
          saveState: () => ({ lab: lab.saveState(), usage: usage.saveState() }),
          loadState: (state) => {
            const read = readShape(kernelState, state, 'snapshot.system');
            if (!read.ok) return read;
            lab.loadState(read.value.lab);
            usage.loadState(read.value.usage);
            return ok(null);
          },
        },
      };
    },
  });
}
