/** __HYPERVISOR_* (public/xen.h). */
export const HypercallNumber = {
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
