/** Which Xen this is a model of, as xen_version tells it (public/version.h). */
export const version = { major: 4, minor: 17, extra: '.7' } as const;
export const versionText = `${version.major}.${version.minor}${version.extra}`;
export const compileInfo = {
  compiler: 'TypeScript',
  by: 'el2lab',
  domain: '',
  date: '',
} as const;
export const changeset = '';
/** arch_get_xen_caps; there are no 32-bit guests. */
export const capabilities = 'xen-3.0-aarch64 ';
