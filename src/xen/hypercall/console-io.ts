/** console_io (public/xen.h; xen/drivers/char/console.c). */

import { Level } from '../log.ts';
import type { Call } from './call.ts';
import { Errno } from './errno.ts';

/** CONSOLEIO_* */
const write = 0;
const read = 1;

/** Bytes copied at a time, and a domain's line buffer. */
const chunk = 127;
const lineBuffer = 200;

export const consoleIo = (call: Call): number => {
  // xsm_console_io of a release build.
  if (!call.domain.isPrivileged && !call.domain.isConsole) return -Errno.EPERM;
  switch (call.low(0)) {
    case write:
      return writeText(call);
    case read:
      return readInput(call);
    default:
      return -Errno.ENOSYS;
  }
};

const writeText = (call: Call): number => {
  const { xen, domain } = call;
  const count = call.low(1);
  for (let at = 0; at < count; ) {
    const view = call.copyFrom(2, Math.min(chunk, count - at), at);
    if (!view) return -Errno.EFAULT;
    const bytes = new Uint8Array(view.buffer);
    if (domain.isPrivileged) {
      xen.log.write(String.fromCharCode(...bytes));
      at += bytes.length;
      continue;
    }
    const newline = bytes.indexOf(10);
    const taken = newline < 0 ? bytes : bytes.subarray(0, newline);
    const printable = [...taken].filter((byte) => (byte >= 32 && byte < 127) || byte === 9);
    domain.consoleLine += String.fromCharCode(...printable);
    at += newline < 0 ? bytes.length : newline + 1;
    if (newline < 0 && domain.consoleLine.length < lineBuffer - 1) continue;
    xen.log.guestLine(domain.domainId, domain.consoleLine, Level.debug);
    domain.consoleLine = '';
  }
  return 0;
};

const readInput = (call: Call): number => {
  const count = call.low(1);
  if (count > 0x7fff_ffff) return -Errno.E2BIG;
  const bytes = call.xen.takeSerialInput(count);
  return call.copyTo(2, bytes) === 0 ? bytes.length : -Errno.EFAULT;
};
