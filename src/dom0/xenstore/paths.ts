/** Xenstore's paths (docs/misc/xenstore.txt of Xen 4.17; public/io/xs_wire.h). */

/** XENSTORE_ABS_PATH_MAX and XENSTORE_REL_PATH_MAX. */
const absolutePathMax = 3072;
const relativePathMax = 2048;

/** Events of domains' lives, which clients watch like paths. */
export const specialPaths: ReadonlySet<string> = new Set(['@introduceDomain', '@releaseDomain']);

export const isSpecial = (path: string): boolean => path.startsWith('@');

/** A domain's home: its relative paths start there. */
export const homeOf = (domid: number): string => `/local/domain/${domid}`;

/** The absolute path of a path that a domain gives, or null if it is invalid. */
export const absolutePath = (path: string, domid: number): string | null => {
  if (path === '/') return path;
  if (!/^\/?[-A-Za-z0-9_@]+(\/[-A-Za-z0-9_@]+)*$/.test(path)) return null;
  if (path.startsWith('/')) return path.length <= absolutePathMax ? path : null;
  const absolute = `${homeOf(domid)}/${path}`;
  return path.length <= relativePathMax && absolute.length <= absolutePathMax ? absolute : null;
};

/** The names from the root to a node. */
export const namesOf = (path: string): string[] => (path === '/' ? [] : path.slice(1).split('/'));

export const parentOf = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')));

export const joinPath = (path: string, name: string): string => (path === '/' ? `/${name}` : `${path}/${name}`);

/** Whether a path equals another or lies below it. */
export const isBelow = (path: string, ancestor: string): boolean =>
  path === ancestor || ancestor === '/' || path.startsWith(`${ancestor}/`);
