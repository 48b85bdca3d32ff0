/** What libxl says first of a domain that has no type in xenstore, as Domain-0 has none (libxl__domain_type). */
export const noTypeOf = (domid: number): string =>
  `libxl: error: libxl_xshelp.c:206:libxl__xs_read_mandatory: xenstore read failed: \`/libxl/${domid}/type': No such file or directory\n` +
  `libxl: warning: libxl_dom.c:49:libxl__domain_type: unable to get domain type for domid=${domid}, assuming HVM\n`;
