/** Xenstore's paths (docs/misc/xenstore.txt of Xen 4.17; public/io/xs_wire.h). */

/** XENSTORE_ABS_PATH_MAX and XENSTORE_REL_PATH_MAX. */
const absolutePathMax = 3072;
const relativePathMax = 2048;

/** The events of domains' lives, which can be watched as if they were paths. */
export const specialPaths: ReadonlySet<string> = new Set(['@introduceDomain', '@releaseDomain']);

export const isSpecial = (path: string): boolean => path.startsWith('@');

/** The home of a domain, which its relative paths begin at. */
export const homeOf = (domid: number): string => `/local/domain/${domid}`;

/** The absolute path that a domain means, or null for what is no path. */
export const absolutePath = (path: string, domid: number): string | null => {
  if (path === '/') return path;
  if (!/^\/?[-A-Za-z0-9_@]+(\/[-A-Za-z0-9_@]+)*$/.test(path)) return null;
  if (path.startsWith('/')) return path.length <= absolutePathMax ? path : null;
  const absolute = `${homeOf(domid)}/${path}`;
  return path.length <= relativePathMax && absolute.length <= absolutePathMax ? absolute : null;
};

/** The names on the way from the root to a node. */
export const namesOf = (path: string): string[] => (path === '/' ? [] : path.slice(1).split('/'));

export const parentOf = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')));

export const joinPath = (path: string, name: string): string => (path === '/' ? `/${name}` : `${path}/${name}`);

/** Whether a path is another or lies below it. */
export const isBelow = (path: string, ancestor: string): boolean =>
  path === ancestor || ancestor === '/' || path.startsWith(`${ancestor}/`);
