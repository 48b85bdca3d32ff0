/** Zips of Domain-0's files. The code for them comes when it is used. */
import { translator } from '../../i18n/translate.ts';
import type { Lab, XenLab } from '../lab.ts';

const actions = () => import('./zipActions.ts');

const isZip = ({ name, type }: File): boolean => /\.zip$/i.test(name) || type === 'application/zip';

/** Gives the user a zip of Domain-0's files. */
export const exportFiles = async (lab: XenLab): Promise<void> => (await actions()).exportFiles(lab);

/** Puts the files of zips into Domain-0, one zip after the other. */
export async function importZips(lab: XenLab, zips: readonly File[]): Promise<void> {
  for (const zip of zips) await (await actions()).importZip(lab, zip);
}

/** Takes the zips among files; returns the others. The board has no use for a zip, and says so. */
export function takeZips(lab: Lab, files: readonly File[]): readonly File[] {
  const zips = files.filter(isZip);
  if (lab.mode === 'xen') void importZips(lab, zips);
  else if (zips[0])
    lab.machine.refuse(translator(lab.settings.getState().language)('zip.board', { zip: zips[0].name }));
  return files.filter((file) => !zips.includes(file));
}
