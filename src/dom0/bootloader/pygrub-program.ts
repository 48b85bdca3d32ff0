import type { Disk } from '../../soc/storage/disk.ts';
import { dom0Costs } from '../os/costs.ts';
import { resolvePath } from '../os/files.ts';
import type { Program } from '../os/program.ts';
import { compute } from '../os/task.ts';
import { textTerminal } from './menu/keys.ts';
import { runPygrub } from './pygrub.ts';

/**
 * pygrub by hand, to see what `xl create` would find on a disk. It copies nothing into Dom0 and shows no menu, as if
 * `-n` and `-q` were given.
 */
export const pygrubProgram: Program = {
  name: 'pygrub',
  summary: 'shows what a guest would boot from a disk; -l lists all entries',
  *run({ args, files, directory, out }) {
    yield* compute(dom0Costs.pygrub);
    const openDisk = (path: string): Disk | null => {
      const disk = files.disk(resolvePath(path, directory));
      return disk.ok ? disk.value : null;
    };
    const { boot, options, exitCode } = yield* runPygrub(['-n', ...args, '-q'], openDisk, textTerminal(out));
    if (!boot || !options) return exitCode;
    const found = [
      'linux (kernel None)',
      ...(boot.ramdisk ? ['(ramdisk None)'] : []),
      ...(boot.args === null ? [] : [`(args '${boot.args}')`]),
    ];
    out(`${found.join('')}\n`);
    return exitCode;
  },
};
