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

/** The lines about a file that is not a kernel. */
export const noKernelFound = (domid: number): string[] =>
  rebuildFails(
    domid,
    -3,
    'xc: error: panic: xg_dom_core.c:689: xc_dom_find_loader: no loader found: Invalid kernel',
    'libxl: error: libxl_dom.c:571:libxl__build_dom: xc_dom_parse_image failed',
  );

/** The lines when a kernel, a ramdisk or firmware cannot be read; `line` is that of libxl__domain_firmware. */
export const noFirmware = (domid: number, cause: string, line: number, what: string, reason: string): string[] =>
  rebuildFails(
    domid,
    -1,
    cause,
    `libxl: error: libxl_dom.c:${line}:libxl__domain_firmware: ${what} failed: ${reason}`,
    'libxl: error: libxl_dom.c:1075:libxl__build_hvm: initializing domain firmware failed',
  );

/** A back end has not come to the state that libxl waits for. */
export const deviceUnable = (domid: number, what: 'add' | 'remove', path: string): string =>
  `libxl: error: libxl_device.c:1181:device_backend_callback: Domain ${domid}:unable to ${what} device with path ${path}`;

/** A device is removed whose back end has gone. */
export const backendGone = (path: string): string =>
  `libxl: info: libxl_device.c:1067:libxl__initiate_device_generic_remove: backend ${path} already removed, cleanup frontend only`;
