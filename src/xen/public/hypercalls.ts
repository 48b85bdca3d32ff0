/** Hypercalls, by the names that __HYPERVISOR_* has in public/xen.h: those that Arm has. */
export const Hypercall = {
  memory_op: 12,
  multicall: 13,
  xen_version: 17,
  console_io: 18,
  grant_table_op: 20,
  vm_assist: 21,
  vcpu_op: 24,
  sched_op: 29,
  event_channel_op: 32,
  hvm_op: 34,
  sysctl: 35,
  domctl: 36,
} as const;
export type Hypercall = (typeof Hypercall)[keyof typeof Hypercall];

/** XEN_HYPERCALL_TAG (public/arch-arm.h): the immediate of the HVC. */
export const hypercallTag = 0xea1;

/** DOMID_SELF (public/xen.h). */
export const DOMID_SELF = 0x7ff0;

/** XENMEM_* (public/memory.h). */
export const XENMEM = {
  increase_reservation: 0,
  decrease_reservation: 1,
  maximum_ram_page: 2,
  current_reservation: 3,
  maximum_reservation: 4,
  populate_physmap: 6,
  add_to_physmap: 7,
  maximum_gpfn: 14,
  remove_from_physmap: 15,
} as const;

/** XENMAPSPACE_* (public/memory.h). */
export const XENMAPSPACE = { shared_info: 0, grant_table: 1, dev_mmio: 5 } as const;

/** XENVER_* (public/version.h). */
export const XENVER = {
  version: 0,
  extraversion: 1,
  compile_info: 2,
  capabilities: 3,
  changeset: 4,
  platform_parameters: 5,
  get_features: 6,
  pagesize: 7,
  guest_handle: 8,
  commandline: 9,
  build_id: 10,
} as const;

/** XENFEAT_* (public/features.h). */
export const XENFEAT = {
  writable_page_tables: 0,
  auto_translated_physmap: 2,
  dom0: 11,
  memory_op_vnode_supported: 13,
  ARM_SMCCC_supported: 14,
  not_direct_mapped: 16,
  direct_mapped: 17,
} as const;

/** CONSOLEIO_* (public/xen.h). */
export const CONSOLEIO = { write: 0, read: 1 } as const;

/** GNTTABOP_* (public/grant_table.h). */
export const GNTTABOP = {
  map_grant_ref: 0,
  unmap_grant_ref: 1,
  setup_table: 2,
  copy: 5,
  query_size: 6,
  set_version: 8,
  get_version: 10,
} as const;

/** GNTMAP_* and GNTCOPY_* (public/grant_table.h). */
export const GNTMAP = { device_map: 1 << 0, host_map: 1 << 1, readonly: 1 << 2 } as const;
export const GNTCOPY = { source_gref: 1 << 0, dest_gref: 1 << 1 } as const;

/** VMASST_CMD_* and VMASST_TYPE_* (public/xen.h). */
export const VMASST_CMD = { enable: 0, disable: 1 } as const;
export const VMASST_TYPE = { runstate_update_flag: 5 } as const;

/** VCPUOP_* (public/vcpu.h). */
export const VCPUOP = { register_runstate_memory_area: 5, register_vcpu_info: 10 } as const;

/** SCHEDOP_* (public/sched.h). */
export const SCHEDOP = {
  yield: 0,
  block: 1,
  shutdown: 2,
  poll: 3,
  remote_shutdown: 4,
  shutdown_code: 5,
  watchdog: 6,
  pin_override: 7,
} as const;

/** XEN_SCHEDULER_* (public/domctl.h): `sched_id` of the schedulers. */
export const XEN_SCHEDULER = { CREDIT: 5, CREDIT2: 6, ARINC653: 7, RTDS: 8, NULL: 9 } as const;
export type SchedulerId = (typeof XEN_SCHEDULER)[keyof typeof XEN_SCHEDULER];

/** EVTCHNOP_* (public/event_channel.h). */
export const EVTCHNOP = {
  bind_interdomain: 0,
  bind_virq: 1,
  bind_pirq: 2,
  close: 3,
  send: 4,
  status: 5,
  alloc_unbound: 6,
  bind_ipi: 7,
  bind_vcpu: 8,
  unmask: 9,
  reset: 10,
} as const;

/** HVMOP_* (public/hvm/hvm_op.h). */
export const HVMOP = { set_param: 0, get_param: 1, guest_request_vm_event: 24 } as const;

/** HVM_PARAM_* (public/hvm/params.h). */
export const HVM_PARAM = {
  CALLBACK_IRQ: 0,
  STORE_PFN: 1,
  STORE_EVTCHN: 2,
  CONSOLE_PFN: 17,
  CONSOLE_EVTCHN: 18,
  MONITOR_RING_PFN: 28,
} as const;
