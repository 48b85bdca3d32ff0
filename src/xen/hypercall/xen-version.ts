/** xen_version (public/version.h). */
import { pageSize } from '../machine/machine.ts';
import { Errno } from '../public/errno.ts';
import { XENFEAT, XENVER } from '../public/hypercalls.ts';
import { chars, type FieldType, type Struct, struct } from '../public/layout.ts';
import * as structures from '../public/structures.ts';
import { capabilities, changeset, compileInfo, version } from '../version.ts';
import type { Call } from './call.ts';

/** Arm has no use for this address. */
const virtualStart = 0xffff_ffff_ffff_ffffn;

/** What unprivileged domains read instead of what they may not know. */
const denied = '<denied>';
const deniedText = struct({ text: chars(denied.length + 1) });

export const xenVersion = (call: Call): number => {
  const { domain } = call;
  const hidden = !domain.isPrivileged;
  switch (call.low(0)) {
    case XENVER.version:
      return (version.major << 16) | version.minor;
    case XENVER.extraversion:
      return writeText(call, structures.xen_extraversion, version.extra);
    case XENVER.compile_info: {
      const info = structures.xen_compile_info.make();
      info.compiler = compileInfo.compiler;
      info.compile_by = compileInfo.by;
      info.compile_domain = compileInfo.domain;
      info.compile_date = compileInfo.date;
      return call.write(1, info);
    }
    case XENVER.capabilities:
      return writeText(call, structures.xen_capabilities_info, capabilities);
    case XENVER.changeset:
      return writeText(call, structures.xen_changeset_info, changeset);
    case XENVER.platform_parameters: {
      const parameters = structures.xen_platform_parameters.make();
      parameters.virt_start = virtualStart;
      return call.write(1, parameters);
    }
    case XENVER.get_features:
      return getFeatures(call);
    case XENVER.pagesize:
      return call.isNull(1) ? pageSize : -Errno.EINVAL;
    case XENVER.guest_handle:
      return call.writeBytes(1, domain.config.uuid);
    case XENVER.commandline:
      if (hidden) return writeText(call, deniedText, denied);
      return writeText(call, structures.xen_commandline, call.xen.commandLine.text);
    case XENVER.build_id:
      // The model is not linked, so it has no build ID.
      return hidden ? -Errno.EPERM : -Errno.ENODATA;
    default:
      return -Errno.ENOSYS;
  }
};

const getFeatures = (call: Call): number => {
  const info = call.read(1, structures.xen_feature_info);
  if (!info) return -Errno.EFAULT;
  if (info.submap_idx !== 0) return -Errno.EINVAL;
  const features = [
    XENFEAT.memory_op_vnode_supported,
    XENFEAT.writable_page_tables,
    XENFEAT.auto_translated_physmap,
    XENFEAT.ARM_SMCCC_supported,
    ...(call.domain.isPrivileged ? [XENFEAT.dom0, XENFEAT.direct_mapped] : [XENFEAT.not_direct_mapped]),
  ];
  info.submap = features.reduce<number>((bits, feature) => bits | (1 << feature), 0);
  return call.write(1, info);
};

const writeText = (call: Call, layout: Struct<{ text: FieldType<string> }>, text: string): number => {
  const structure = layout.make();
  structure.text = text;
  return call.write(1, structure);
};
