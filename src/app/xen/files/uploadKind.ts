import { roleOf, startOf } from '../../machine/role.ts';

/** What a file is to Domain-0, by its name and its first bytes. */
export type UploadKind = 'config' | 'kernel' | 'initrd' | 'deviceTree' | 'disk' | 'text' | 'other';

const folders: Readonly<Record<UploadKind, string>> = {
  config: '/etc/xen',
  kernel: '/guests',
  initrd: '/guests',
  deviceTree: '/guests',
  disk: '/var/lib/xen/images',
  text: '/root',
  other: '/guests',
};

/** The folder in Domain-0 where a file belongs. Xen reads the board's own device tree beside the configs. */
export const folderOf = (name: string, kind: UploadKind): string =>
  kind === 'deviceTree' && name === 'board.dtb' ? '/etc/xen' : folders[kind];

const elf = [0x7f, 0x45, 0x4c, 0x46];
/** `ARM\x64` at byte 56 of an arm64 Image. */
const imageMagic = [0x41, 0x52, 0x4d, 0x64];

const matches = (bytes: Uint8Array, at: number, magic: readonly number[]): boolean =>
  magic.every((byte, i) => bytes[at + i] === byte);

/** Assignments that a domain's config has. */
const assignment = /^\s*(name|kernel|memory|vcpus)\s*=/m;

export async function kindOfUpload(file: File): Promise<UploadKind> {
  const start = await startOf(file);
  if (matches(start, 0, elf) || matches(start, 56, imageMagic)) return 'kernel';
  const role = await roleOf(file);
  if (role !== 'kernel') return role === 'card' ? 'disk' : role;
  const text = textOf(start);
  if (text === null) return 'other';
  return file.name.endsWith('.cfg') || assignment.test(text) ? 'config' : 'text';
}

/** The beginning of a text; null if it is none. */
function textOf(start: Uint8Array): string | null {
  if (start.includes(0)) return null;
  try {
    // The last character may be cut.
    return new TextDecoder('utf-8', { fatal: true }).decode(start, { stream: true });
  } catch {
    return null;
  }
}
