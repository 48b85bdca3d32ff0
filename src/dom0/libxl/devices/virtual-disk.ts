/** Numbers of virtual disks (Xen's document vbd-interface). */

/** The number of `xvda`, `hda1`, `sdb`, `d0p1` or of a number itself; null if there is none. Nothing at all is 0. */
export const virtualDisk = (name: string): number | null => {
  if (/^(?:0[xX][0-9a-fA-F]+|[0-9]*)$/.test(name)) {
    const number = /^0[0-7]/.test(name) ? Number.parseInt(name, 8) : Number(name);
    return number >= 2 ** 31 ? null : number;
  }
  const [, , whole, part = '0'] = /^(d)(\d+)(?:p(\d+))?$/.exec(name) ?? [];
  if (whole !== undefined) return xenDisk(Number(whole), Number(part));
  const [, kind, letters = '', digits = ''] = /^(xvd|hd|sd)([a-z]+)(\d*)$/.exec(name) ?? [];
  if (kind === undefined) return null;
  // a to z, aa to zz, and so on.
  const disk = [...letters].reduce((sum, letter) => sum * 26 + (letter.charCodeAt(0) - 96), 0) - 1;
  const partition = Number(digits);
  if (kind === 'xvd') return xenDisk(disk, partition);
  if (kind === 'sd') return disk > 15 || partition > 15 ? null : (8 << 8) | (disk << 4) | partition;
  return disk > 3 || partition > 63 ? null : ((disk < 2 ? 3 : 22) << 8) | ((disk & 1) << 6) | partition;
};

const xenDisk = (disk: number, partition: number): number | null => {
  if (disk < 16 && partition < 16) return (202 << 8) | (disk << 4) | partition;
  return disk >= 2 ** 20 || partition > 255 ? null : 2 ** 28 + disk * 256 + partition;
};
