/** xen_version (public/version.h; xen/common/kernel.c). */

import { pageSize } from '../machine/machine.ts';
import { capabilities, changeset, compileInfo, version } from '../version.ts';
import type { Call } from './call.ts';
import { Errno } from './errno.ts';

/** XENVER_* */
const Command = {
  version: 0,
  extraversion: 1,
  compileInfo: 2,
  capabilities: 3,
  changeset: 4,
  platformParameters: 5,
  getFeatures: 6,
  pagesize: 7,
  guestHandle: 8,
  commandLine: 9,
  buildId: 10,
} as const;

/** XENFEAT_* (public/features.h). */
const Feature = {
  writablePageTables: 0,
  autoTranslatedPhysmap: 2,
  dom0: 11,
  memoryOpVnodeSupported: 13,
  armSmcccSupported: 14,
  notDirectMapped: 16,
  directMapped: 17,
} as const;

/** HYPERVISOR_VIRT_START on Arm: "not used". */
const virtualStart = 0xffff_ffff_ffff_ffffn;

/** What unprivileged domains are told in place of what is none of their business (xsm_xen_version, xen_deny). */
const denied = '<denied>';

export const xenVersion = (call: Call): number => {
  const { domain } = call;
  const hidden = !domain.isPrivileged;
  switch (call.low(0)) {
    case Command.version:
      return (version.major << 16) | version.minor;
    case Command.extraversion:
      return call.copyTo(1, text([version.extra, 16]));
    case Command.compileInfo: {
      const { compiler, by, domain: where, date } = compileInfo;
      return call.copyTo(1, text([compiler, 64], [by, 16], [where, 32], [date, 32]));
    }
    case Command.capabilities:
      return call.copyTo(1, text([capabilities, 1024]));
    case Command.changeset:
      return call.copyTo(1, text([changeset, 64]));
    case Command.platformParameters: {
      const parameters = new DataView(new ArrayBuffer(8));
      parameters.setBigUint64(0, virtualStart, true);
      return call.copyTo(1, parameters);
    }
    case Command.getFeatures:
      return getFeatures(call);
    case Command.pagesize:
      return call.isNull(1) ? pageSize : -Errno.EINVAL;
    case Command.guestHandle:
      return call.copyTo(1, domain.config.uuid);
    case Command.commandLine: {
      const line = hidden ? denied : call.xen.commandLine.text;
      return call.copyTo(1, text([line, hidden ? denied.length + 1 : 1024]));
    }
    case Command.buildId:
      // This Xen is not linked: it has no build ID.
      return hidden ? -Errno.EPERM : -Errno.ENODATA;
    default:
      return -Errno.ENOSYS;
  }
};

const getFeatures = (call: Call): number => {
  const info = call.copyFrom(1, 8);
  if (!info) return -Errno.EFAULT;
  if (info.getUint32(0, true) !== 0) return -Errno.EINVAL;
  const features = [
    Feature.memoryOpVnodeSupported,
    Feature.writablePageTables,
    Feature.autoTranslatedPhysmap,
    Feature.armSmcccSupported,
    ...(call.domain.isPrivileged ? [Feature.dom0, Feature.directMapped] : [Feature.notDirectMapped]),
  ];
  info.setUint32(
    4,
    features.reduce<number>((bits, feature) => bits | (1 << feature), 0),
    true,
  );
  return call.copyTo(1, info);
};

/** Texts in fields of their sizes, cut so that each ends with a zero. */
const text = (...fields: readonly (readonly [value: string, size: number])[]): Uint8Array => {
  const bytes = new Uint8Array(fields.reduce((total, [, size]) => total + size, 0));
  let at = 0;
  for (const [value, size] of fields) {
    for (let i = 0; i < Math.min(value.length, size - 1); i++) bytes[at + i] = value.charCodeAt(i);
    at += size;
  }
  return bytes;
};
