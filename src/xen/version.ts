/** The Xen that this is a model of, as the hypercall xen_version reports it (public/version.h). */
export const version = { major: 4, minor: 17, extra: '.7' } as const;
export const versionText = `${version.major}.${version.minor}${version.extra}`;
export const compileInfo = {
  compiler: 'TypeScript',
  by: 'el2lab',
  domain: '',
  date: '',
} as const;
export const changeset = '';
/** Kinds of guests. There are no 32-bit guests. */
export const capabilities = 'xen-3.0-aarch64 ';
