/** How libxl runs the scripts in /etc/xen/scripts when a back end comes or goes (device_hotplug). */
import { dom0Costs } from '../../os/costs.ts';
import { compute, type Task, until } from '../../os/task.ts';
import type { LibxlContext } from '../context.ts';
import { backPath, type DeviceId, readNode } from './xenbus-device.ts';

/** A script that Dom0 has: its path, and what it does. */
export interface Script {
  readonly path: string;
  readonly run: () => Task<number>;
}

/**
 * Runs the script that a back end's nodes name: `known`, or one that is not there. Returns libxl's lines if it fails.
 */
export function* runHotplug(ctx: LibxlContext, id: DeviceId, action: string, known: Script): Task<string[]> {
  const back = backPath(id);
  const path = readNode(ctx, `${back}/script`) ?? known.path;
  const isKnown = path === known.path;
  const process = ctx.processes.spawn([path, action], isKnown ? known.run : absent);
  yield* until(process.ended, () => process.result !== undefined);
  if (process.result === 0) return [];
  const status = `libxl: error: libxl_exec.c:117:libxl_report_child_exitstatus: ${path} ${action} [${process.id}] exited with error status ${process.result}`;
  if (!isKnown) return [`libxl: cannot execute ${path}: No such file or directory`, status];
  const said = readNode(ctx, `${back}/hotplug-error`);
  return [
    status,
    ...(said === null ? [] : [`libxl: error: libxl_device.c:1337:device_hotplug_child_death_cb: script: ${said}`]),
  ];
}

/** A script that is not there. */
function* absent(): Task<number> {
  yield* compute(dom0Costs.smallProgram);
  return 255;
}
