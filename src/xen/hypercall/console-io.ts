/** console_io (public/xen.h). */

import { Errno } from '../public/errno.ts';
import { CONSOLEIO } from '../public/hypercalls.ts';
import type { Call } from './call.ts';

/** Bytes copied at a time. */
const chunk = 127;

export const consoleIo = (call: Call): number => {
  // In a release build only Dom0 may use Xen's console.
  if (!call.domain.isPrivileged) return -Errno.EPERM;
  switch (call.low(0)) {
    case CONSOLEIO.write:
      return writeText(call);
    case CONSOLEIO.read:
      return readInput(call);
    default:
      return -Errno.ENOSYS;
  }
};

const writeText = (call: Call): number => {
  const count = call.low(1);
  for (let at = 0; at < count; at += chunk) {
    const bytes = call.readBytes(2, Math.min(chunk, count - at), at);
    if (!bytes) return -Errno.EFAULT;
    call.xen.log.write(String.fromCharCode(...bytes));
  }
  return 0;
};

const readInput = (call: Call): number => {
  const count = call.low(1);
  if (count > 0x7fff_ffff) return -Errno.E2BIG;
  const bytes = call.xen.serial.take(count);
  return call.writeBytes(2, bytes) === 0 ? bytes.length : -Errno.EFAULT;
};
