/**
 * Runs a domain's boot loader, as libxl 4.17.7 does (docs/xen/pygrub.md). The numbers in the messages are lines of
 * libxl_bootloader.c and libxl_exec.c.
 */

import type { Disk } from '../../soc/storage/disk.ts';
import { nanoseconds, seconds } from '../../xen/time/time.ts';
import type { MenuTerminal } from '../bootloader/menu/keys.ts';
import { type BootFiles, runPygrub } from '../bootloader/pygrub.ts';
import type { DomainConfig } from '../config/domain-config.ts';
import { dom0Costs } from '../os/costs.ts';
import { resolvePath } from '../os/files.ts';
import { compute, type Task, until, untilAny, untilTime } from '../os/task.ts';
import type { Complain, LibxlContext } from './context.ts';
import { writeTerminal } from './store-nodes.ts';

/** A config whose kernel and ramdisk have come from the guest's disk, and the contents of these paths. */
export interface LoadedConfig {
  readonly config: DomainConfig;
  readonly contents: ReadonlyMap<string, Uint8Array>;
}

const encoder = new TextEncoder();
const pygrubPaths: ReadonlySet<string> = new Set(['pygrub', '/usr/lib/xen-4.17/bin/pygrub']);
/** Logs of so many boots of the domain's number are kept. */
const mostLogs = 10;

/**
 * Finds kernel, ramdisk and command line of a domain by its boot loader, on its first disk. Calls `onConsole` when it is on
 * the domain's console. Returns libxl's error lines if it fails.
 */
export function* runBootloader(
  ctx: LibxlContext,
  config: DomainConfig,
  domid: number,
  directory: string,
  complain: Complain,
  onConsole: () => void,
): Task<LoadedConfig | readonly string[]> {
  const { files } = ctx;
  const where = (line: number, place: string): string => `libxl_bootloader.c:${line}:${place}: Domain ${domid}:`;
  const bootloader = config.bootloader ?? 'pygrub';
  if (bootloader === '/usr/bin/pygrub') {
    const text = "bootloader='/usr/bin/pygrub' is deprecated; use bootloader='pygrub' instead";
    complain(`libxl: warning: ${where(508, 'bootloader_disk_attached_cb')}${text}`);
  }
  const outputs = `/var/lib/xen/bootloader.${domid}`;
  const args = [
    ...(config.kernel === null ? [] : [`--kernel=${config.kernel}`]),
    ...(config.ramdisk === null ? [] : [`--ramdisk=${config.ramdisk}`]),
    ...(config.commandLine === null || config.commandLine === '' ? [] : [`--args=${config.commandLine}`]),
    `--output=${outputs}.out`,
    '--output-format=simple0',
    `--output-directory=${outputs}.d`,
    ...config.bootloaderArgs,
    resolvePath(config.disks[0]?.target ?? '', directory),
  ];
  let log = '';
  let boot: BootFiles | null = null;
  const { console, path } = ctx.xenconsoled.addProgram(domid);
  writeTerminal(ctx, domid, 'console', path);
  const terminal: MenuTerminal = {
    write: (text) => {
      log += text;
      console.print(encoder.encode(text.replaceAll('\n', '\r\n')));
      ctx.xenconsoled.rang(domid, 'pv');
    },
    *read(limit) {
      if (limit === null) yield* until(console.typed, () => console.hasTyped);
      else {
        const end = nanoseconds(ctx.now() + seconds(limit));
        yield* untilTime(
          console.typed,
          () => console.hasTyped,
          end,
          () => ctx.now(),
        );
      }
      return console.read();
    },
  };
  onConsole();
  const work = function* (): Task<number> {
    if (!pygrubPaths.has(bootloader)) {
      const whole = bootloader.startsWith('/') && files.exists(bootloader);
      const reason = whole ? 'el2lab runs no other boot loader than pygrub' : 'No such file or directory';
      terminal.write(`libxl: cannot execute ${bootloader}: ${reason}\n`);
      return 255;
    }
    yield* compute(dom0Costs.pygrub);
    const openDisk = (path: string): Disk | null => {
      const disk = files.disk(path);
      return disk.ok ? disk.value : null;
    };
    const result = yield* runPygrub(args, openDisk, terminal);
    boot = result.boot;
    const size = (result.boot?.kernel.length ?? 0) + (result.boot?.ramdisk?.length ?? 0);
    yield* compute(nanoseconds((size / 2 ** 20) * dom0Costs.copyMiB));
    return result.exitCode;
  };
  const process = ctx.processes.spawn([bootloader, ...args], work);
  try {
    // The menu may wait for a key for ever.
    const isOver = (): boolean => process.result !== undefined || !ctx.records.has(domid);
    yield* untilAny([process.ended, ctx.domainsChanged], isOver);
  } finally {
    ctx.processes.kill(process);
  }
  const how = 'libxl: error: libxl_exec.c:117:libxl_report_child_exitstatus: bootloader';
  if (!ctx.records.has(domid)) return [`${how} [${process.id}] died due to fatal signal Terminated`];
  const logFile = writeLog(ctx, `bootloader.${domid}`, log);
  if (process.result !== 0) {
    return [
      `libxl: error: ${where(767, 'bootloader_finished')}bootloader failed - consult logfile ${logFile}`,
      `${how} [${process.id}] exited with error status ${process.result}`,
    ];
  }
  return loaded(config, `${outputs}.d`, boot);
}

/** The config with what the boot loader has found. */
function loaded(config: DomainConfig, folder: string, boot: BootFiles | null): LoadedConfig {
  const contents = new Map<string, Uint8Array>();
  const put = (name: string, bytes: Uint8Array | null | undefined): string | null => {
    if (!bytes) return null;
    const path = `${folder}/boot_${name}`;
    contents.set(path, bytes);
    return path;
  };
  const kernel = put('kernel', boot?.kernel);
  const ramdisk = put('ramdisk', boot?.ramdisk);
  return { config: { ...config, kernel, ramdisk, commandLine: boot?.args ?? null }, contents };
}

/** Writes a new log and gives the older ones other names, as libxl_create_logfile does. Returns its path. */
function writeLog({ files }: LibxlContext, name: string, text: string): string {
  const path = `/var/log/xen/${name}.log`;
  if (files.exists(path)) {
    files.remove(`${path}.${mostLogs}`);
    for (let i = mostLogs - 1; i > 0; i--) files.rename(`${path}.${i}`, `${path}.${i + 1}`);
    files.rename(path, `${path}.1`);
  }
  files.write(path, text);
  return path;
}
