/**
 * HVM is a type of guest that Arm does not have. The configs of x86, such as the example of Xilinx' white paper WP474, ask for it;
 * the real libxl on Arm refuses them.
 */
import type { DomainConfig } from '../config/domain-config.ts';
import { parseConfig } from '../config/language/parser.ts';
import type { FileSystem } from '../os/files.ts';

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

/**
 * The config of the PVH guest that is built instead: it boots its kernel or, as x86's firmware would, its first disk.
 * The kernel on the disk is found as by `bootloader = "pygrub"`, which an HVM guest does not use.
 */
export function pvhInstead(config: DomainConfig): DomainConfig {
  const loader = config.kernel === null ? { bootloader: 'pygrub', bootloaderArgs: ['--quiet'] } : { bootloader: null };
  return { ...config, type: 'pvh', ...loader };
}
