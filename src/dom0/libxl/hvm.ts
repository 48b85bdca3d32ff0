/**
 * HVM is a type of guest that Arm does not have. The configs of x86, such as the example of Xilinx' white paper WP474, ask for it;
 * the real libxl on Arm refuses them.
 */
import type { DomainConfig } from '../config/domain-config.ts';
import { parseConfig } from '../config/language/parser.ts';
import type { FileSystem } from '../os/files.ts';
import type { DeviceHost } from './devices/judgement.ts';
import { noFirmware, noKernelFound, rebuildFails } from './libxl-lines.ts';

/** xl's own settings. The real xl ignores the one that is read here. */
export const xlConfPath = '/etc/xen/xl.conf';
const strictKey = 'el2lab_strict';

/** Whether xl is to refuse what the real one refuses: `el2lab_strict=1` in /etc/xen/xl.conf. */
export function isStrict(files: FileSystem): boolean {
  const text = files.readText(xlConfPath);
  if (!text.ok) return false;
  const value = parseConfig(text.value).settings.findLast(({ name }) => name === strictKey)?.value;
  return value?.kind === 'atom' && value.text !== '0';
}

/** The files of Dom0 that are looked at. */
interface FirmwareHost extends Pick<DeviceHost, 'file'> {
  readonly isKernel: (path: string) => boolean;
}

const loader = '/usr/lib/xen-4.17/boot/hvmloader';
const bios = '/usr/share/seabios/bios-256k.bin';

/**
 * libxl's lines when it is to build an HVM guest: x86's firmware is missing in Debian's Dom0 for Arm; if it is put there, libxl says
 * what is wrong.
 */
export function hvmRefusal(domid: number, host: FirmwareHost): string[] {
  if (host.file(loader) !== 'file') {
    const missing = `xc: error: panic: xg_dom_core.c:205: failed to open file '${loader}': No such file or directory: Internal error`;
    return noFirmware(domid, missing, 942, 'xc_dom_{kernel_file/ramdisk_file}', 'No such file or directory');
  }
  if (host.file(bios) !== 'file') {
    return rebuildFails(
      domid,
      -3,
      'libxl: error: libxl_dom.c:818:libxl__load_hvm_firmware_module: failed to read BIOS file: No such file or directory',
      'libxl: error: libxl_dom.c:1075:libxl__build_hvm: initializing domain firmware failed',
    );
  }
  if (!host.isKernel(loader)) return noKernelFound(domid);
  const where = 'libxl__arch_domain_init_hw_description';
  return rebuildFails(
    domid,
    -3,
    `libxl: error: libxl_arm.c:1292:${where}: Unsupported Arm guest type hvm`,
    `libxl: error: libxl_dom.c:575:libxl__build_dom: ${where} failed: No such file or directory`,
  );
}

/**
 * The config of the PVH guest that is built instead: it boots its kernel or, as x86's firmware would, its first disk.
 * The kernel on the disk is found as by `bootloader = "pygrub"`, which an HVM guest does not use.
 */
export function pvhInstead(config: DomainConfig): DomainConfig {
  const loader = config.kernel === null ? { bootloader: 'pygrub', bootloaderArgs: ['--quiet'] } : { bootloader: null };
  return { ...config, type: 'pvh', ...loader };
}
