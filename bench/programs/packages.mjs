/** Debian's packages of which the rows are made. A change here fetches them anew. */
export const packages = [
  ...['busybox-static', 'coreutils', 'dash', 'duktape', 'findutils', 'gzip', 'lua5.4', 'openssl', 'perl-base'],
  ...['python3-minimal', 'sqlite3', 'xz-utils'],
];
