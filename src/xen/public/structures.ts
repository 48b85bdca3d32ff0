/** The structures of hypercalls, by the names and fields of Xen's public headers. */
import { array, chars, handle, i16, i64, struct, u8, u16, u32, u64, union } from './layout.ts';

/** public/xen.h */
export const multicall_entry = struct({ op: u64, result: i64, args: array(u64, 6) });
export const vcpu_info = struct({
  evtchn_upcall_pending: u8,
  pad0: u8,
  evtchn_pending_sel: u64,
  time: array(u64, 4),
});

/** A structure that is only a domain's number. */
export const domid = struct({ domid: u16 });

/** public/memory.h */
export const xen_memory_reservation = struct({
  extent_start: handle,
  nr_extents: u64,
  extent_order: u32,
  mem_flags: u32,
  domid: u16,
});
export const xen_add_to_physmap = struct({ domid: u16, size: u16, space: u32, idx: u64, gpfn: u64 });
export const xen_remove_from_physmap = struct({ domid: u16, gpfn: u64 });

/** public/version.h */
export const xen_extraversion = struct({ text: chars(16) });
export const xen_compile_info = struct({
  compiler: chars(64),
  compile_by: chars(16),
  compile_domain: chars(32),
  compile_date: chars(32),
});
export const xen_capabilities_info = struct({ text: chars(1024) });
export const xen_changeset_info = struct({ text: chars(64) });
export const xen_platform_parameters = struct({ virt_start: u64 });
export const xen_feature_info = struct({ submap_idx: u32, submap: u32 });
export const xen_commandline = struct({ text: chars(1024) });

/** public/grant_table.h */
export const gnttab_map_grant_ref = struct({
  host_addr: u64,
  flags: u32,
  ref: u32,
  dom: u16,
  status: i16,
  handle: u32,
  dev_bus_addr: u64,
});
export const gnttab_unmap_grant_ref = struct({ host_addr: u64, dev_bus_addr: u64, handle: u32, status: i16 });
export const gnttab_setup_table = struct({ dom: u16, nr_frames: u32, status: i16, frame_list: handle });
export const gnttab_query_size = struct({ dom: u16, nr_frames: u32, max_nr_frames: u32, status: i16 });
export const gnttab_copy_ptr = struct({ u: union({ ref: u32, gmfn: u64 }), domid: u16, offset: u16 });
export const gnttab_copy = struct({
  source: gnttab_copy_ptr,
  dest: gnttab_copy_ptr,
  len: u16,
  flags: u16,
  status: i16,
});
export const gnttab_set_version = struct({ version: u32 });
export const gnttab_get_version = struct({ dom: u16, version: u32 });

/** public/vcpu.h */
export const vcpu_register_vcpu_info = struct({ mfn: u64, offset: u32, rsvd: u32 });
export const vcpu_register_runstate_memory_area = struct({ addr: handle });
export const vcpu_runstate_info = struct({ state: u32, state_entry_time: u64, time: array(u64, 4) });

/** public/sched.h */
export const sched_shutdown = struct({ reason: u32 });
export const sched_poll = struct({ ports: handle, nr_ports: u32, timeout: u64 });
export const sched_remote_shutdown = struct({ domain_id: u16, reason: u32 });
export const sched_watchdog = struct({ id: u32, timeout: u32 });

/** public/event_channel.h */
export const evtchn_bind_interdomain = struct({ remote_dom: u16, remote_port: u32, local_port: u32 });
export const evtchn_bind_virq = struct({ virq: u32, vcpu: u32, port: u32 });
export const evtchn_bind_pirq = struct({ pirq: u32, flags: u32, port: u32 });
export const evtchn_close = struct({ port: u32 });
export const evtchn_send = struct({ port: u32 });
export const evtchn_status = struct({
  dom: u16,
  port: u32,
  status: u32,
  vcpu: u32,
  u: union({
    unbound: struct({ dom: u16 }),
    interdomain: struct({ dom: u16, port: u32 }),
    virq: u32,
  }),
});
export const evtchn_alloc_unbound = struct({ dom: u16, remote_dom: u16, port: u32 });
export const evtchn_bind_ipi = struct({ vcpu: u32, port: u32 });
export const evtchn_bind_vcpu = struct({ port: u32, vcpu: u32 });
export const evtchn_unmask = struct({ port: u32 });
export const evtchn_reset = struct({ dom: u16 });

/** public/hvm/hvm_op.h */
export const xen_hvm_param = struct({ domid: u16, pad: u16, index: u32, value: u64 });
