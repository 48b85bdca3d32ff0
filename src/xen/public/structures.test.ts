import { expect, test } from 'vitest';
import * as structures from './structures.ts';

/** What aarch64-linux-gnu-gcc says of the headers of Debian's libxen-dev 4.17.7: size, then the offset of each field. */
const recorded: Readonly<Record<string, readonly [size: number, offsets: Readonly<Record<string, number>>]>> = {
  multicall_entry: [64, { op: 0, result: 8, args: 16 }],
  vcpu_info: [48, { evtchn_upcall_pending: 0, evtchn_pending_sel: 8, time: 16 }],
  xen_memory_reservation: [32, { extent_start: 0, nr_extents: 8, extent_order: 16, mem_flags: 20, domid: 24 }],
  xen_add_to_physmap: [24, { domid: 0, size: 2, space: 4, idx: 8, gpfn: 16 }],
  xen_remove_from_physmap: [16, { domid: 0, gpfn: 8 }],
  xen_extraversion: [16, {}],
  xen_compile_info: [144, { compiler: 0, compile_by: 64, compile_domain: 80, compile_date: 112 }],
  xen_capabilities_info: [1024, {}],
  xen_changeset_info: [64, {}],
  xen_platform_parameters: [8, { virt_start: 0 }],
  xen_feature_info: [8, { submap_idx: 0, submap: 4 }],
  xen_commandline: [1024, {}],
  gnttab_map_grant_ref: [32, { host_addr: 0, flags: 8, ref: 12, dom: 16, status: 18, handle: 20, dev_bus_addr: 24 }],
  gnttab_unmap_grant_ref: [24, { host_addr: 0, dev_bus_addr: 8, handle: 16, status: 20 }],
  gnttab_setup_table: [24, { dom: 0, nr_frames: 4, status: 8, frame_list: 16 }],
  gnttab_query_size: [16, { dom: 0, nr_frames: 4, max_nr_frames: 8, status: 12 }],
  gnttab_copy: [40, { source: 0, dest: 16, len: 32, flags: 34, status: 36 }],
  gnttab_set_version: [4, { version: 0 }],
  gnttab_get_version: [8, { dom: 0, version: 4 }],
  vcpu_register_vcpu_info: [16, { mfn: 0, offset: 8, rsvd: 12 }],
  vcpu_register_runstate_memory_area: [8, { addr: 0 }],
  vcpu_runstate_info: [48, { state: 0, state_entry_time: 8, time: 16 }],
  sched_shutdown: [4, { reason: 0 }],
  sched_poll: [24, { ports: 0, nr_ports: 8, timeout: 16 }],
  sched_remote_shutdown: [8, { domain_id: 0, reason: 4 }],
  sched_watchdog: [8, { id: 0, timeout: 4 }],
  evtchn_bind_interdomain: [12, { remote_dom: 0, remote_port: 4, local_port: 8 }],
  evtchn_bind_virq: [12, { virq: 0, vcpu: 4, port: 8 }],
  evtchn_bind_pirq: [12, { pirq: 0, flags: 4, port: 8 }],
  evtchn_close: [4, { port: 0 }],
  evtchn_send: [4, { port: 0 }],
  evtchn_status: [24, { dom: 0, port: 4, status: 8, vcpu: 12, u: 16 }],
  evtchn_alloc_unbound: [8, { dom: 0, remote_dom: 2, port: 4 }],
  evtchn_bind_ipi: [8, { vcpu: 0, port: 4 }],
  evtchn_bind_vcpu: [8, { port: 0, vcpu: 4 }],
  evtchn_unmask: [4, { port: 0 }],
  evtchn_reset: [2, { dom: 0 }],
  xen_hvm_param: [16, { domid: 0, index: 4, value: 8 }],
};

/** All of them, whatever their fields. */
const described: Readonly<Record<string, { readonly size: number; offsetOf(name: string): number }>> = structures;

test.each(Object.entries(recorded))('%s is laid out as in the public headers', (name, [size, offsets]) => {
  const structure = described[name];
  expect(structure?.size).toBe(size);
  expect(Object.fromEntries(Object.keys(offsets).map((field) => [field, structure?.offsetOf(field)]))).toEqual(offsets);
});
