/** Lines of libxl that follow many failures. */

/** The lines when a domain that was being made is gone. */
export const destroyed = (domid: number): string[] => [
  `libxl: error: libxl_domain.c:1183:libxl__destroy_domid: Domain ${domid}:Non-existant domain`,
  `libxl: error: libxl_domain.c:1137:domain_destroy_callback: Domain ${domid}:Unable to destroy guest`,
  `libxl: error: libxl_domain.c:1064:domain_destroy_cb: Domain ${domid}:Destruction of domain failed`,
];

/** The lines of a failed build: its cause, then what follows every failure. */
export const rebuildFails = (domid: number, code: number, ...cause: string[]): string[] => [
  ...cause,
  `libxl: error: libxl_create.c:1640:domcreate_rebuild_done: Domain ${domid}:cannot (re-)build domain: ${code}`,
  ...destroyed(domid),
];
