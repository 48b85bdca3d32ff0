/**
 * /etc/xen/scripts/block, with its words: puts an image file behind a loop device, looks whether another guest writes to
 * it, and writes the device's number for the back end.
 */
import { dom0Costs } from '../../os/costs.ts';
import { resolvePath } from '../../os/files.ts';
import { compute, type Task } from '../../os/task.ts';
import { homeOf } from '../../xenstore/paths.ts';
import type { LibxlContext } from '../context.ts';
import { backPath, type DeviceId, readNode } from './xenbus-device.ts';

export const blockScript = '/etc/xen/scripts/block';

/** Runs the script for a back end; relative paths begin in `directory`. Returns its exit code. */
export function* block(ctx: LibxlContext, id: DeviceId, action: 'add' | 'remove', directory: string): Task<number> {
  yield* compute(dom0Costs.hotplugScript);
  const error = action === 'add' ? add(ctx, id, directory) : remove(ctx, id);
  if (!error) return 0;
  const { store, connection } = ctx;
  store.write(connection, `${backPath(id)}/hotplug-error`, error.text);
  store.write(connection, `${backPath(id)}/hotplug-status`, error.status);
  return 1;
}

/** Why it fails, and the status that it leaves. */
interface ScriptError {
  readonly text: string;
  readonly status: 'error' | 'busy';
}

/** What any program that fails makes of it. */
const failed: ScriptError = { text: `${blockScript} failed; error detected.`, status: 'error' };

function remove(ctx: LibxlContext, id: DeviceId): ScriptError | null {
  const { blockDevices } = ctx;
  const back = backPath(id);
  const node = readNode(ctx, `${back}/node`);
  if (node !== null) blockDevices.detachLoop(Number(node.replace('/dev/loop', '')));
  // A file that is behind no loop device: the script does not find the node.
  const isDevice = blockDevices.numbersOf(readNode(ctx, `${back}/params`) ?? '') !== null;
  return node === null && !isDevice ? failed : null;
}

function add(ctx: LibxlContext, id: DeviceId, directory: string): ScriptError | null {
  const { store, connection, files, blockDevices } = ctx;
  const back = backPath(id);
  const put = (name: string, value: string): void => {
    store.write(connection, `${back}/${name}`, value);
  };
  const path = resolvePath(readNode(ctx, `${back}/params`) ?? '', directory);
  const numbers = blockDevices.numbersOf(path);
  if (numbers === null && (!files.exists(path) || files.isDirectory(path))) return failed;
  const mode = canonicalMode(readNode(ctx, `${back}/mode`) ?? '');
  const own = numbers === null ? blockDevices.loopsOf(path).map((loop) => blockDevices.numbersOf(loop)) : [numbers];
  const taken = mode === '!' ? null : sharedWith(ctx, id, mode, own);
  if (taken !== null) {
    const what = numbers === null ? `File ${path} is loopback-mounted through ${taken},\nwhich` : `Device ${path}`;
    const [other, wanted] = mode === 'w' ? ['', ''] : ['read-write ', 'read-only '];
    const text = `${what} is mounted ${other}in a guest domain,\nand so cannot be mounted ${wanted}now.`;
    return { text, status: 'busy' };
  }
  let device = path;
  if (numbers === null) {
    device = `/dev/loop${blockDevices.attachLoop(path, mode === 'r')}`;
    put('node', device);
  }
  put('physical-device', blockDevices.numbersOf(device) ?? '');
  put('physical-device-path', device);
  put('hotplug-status', 'connected');
  return null;
}

/** `w!` lets several domains write. */
const canonicalMode = (mode: string): 'r' | 'w' | '!' => (!mode.includes('w') ? 'r' : mode.includes('!') ? '!' : 'w');

/** The number of the device by which another domain has the same disk, so that this one may not; else null. */
function sharedWith(
  ctx: LibxlContext,
  { domid }: DeviceId,
  mode: 'r' | 'w',
  numbers: readonly (string | null)[],
): string | null {
  const { store, connection } = ctx;
  const root = `${homeOf(0)}/backend/vbd`;
  const namesIn = (path: string): string[] => {
    const names = store.directory(connection, path);
    return names.ok ? names.value : [];
  };
  // A domain may have the same disk twice.
  for (const other of namesIn(root).filter((name) => name !== String(domid))) {
    for (const device of namesIn(`${root}/${other}`)) {
      const number = readNode(ctx, `${root}/${other}/${device}/physical-device`);
      if (number === null || !numbers.includes(number)) continue;
      const theirs = canonicalMode(readNode(ctx, `${root}/${other}/${device}/mode`) ?? '');
      // Where the other domain is gone, its nodes do not count.
      if ((mode === 'w' || theirs === 'w') && readNode(ctx, `${homeOf(Number(other))}/vm`) !== null) return number;
    }
  }
  return null;
}
