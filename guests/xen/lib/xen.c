#include "xen.h"

void xen_shutdown(enum shutdown_reason reason) {
  struct { uint32_t reason; } shutdown = {reason};   // struct sched_shutdown
  for (;;) hypercall(HYPERCALL_sched_op, 2 /* SCHEDOP_shutdown */, (unsigned long)&shutdown, 0);
}

uint64_t xen_parameter(enum hvm_param index) {
  // struct xen_hvm_param
  struct { uint16_t domid; uint16_t pad; uint32_t index; uint64_t value; } parameter = {DOMID_SELF, 0, index, 0};
  hypercall(HYPERCALL_hvm_op, 1 /* HVMOP_get_param */, (unsigned long)&parameter, 0);
  return parameter.value;
}

void xen_notify(uint32_t port) {
  struct { uint32_t port; } send = {port};   // struct evtchn_send
  hypercall(HYPERCALL_event_channel_op, 4 /* EVTCHNOP_send */, (unsigned long)&send, 0);
}

void xen_block(void) { hypercall(HYPERCALL_sched_op, 1 /* SCHEDOP_block */, 0, 0); }

void secondary_start(void);

long start_vcpu(unsigned number, void *top, void (*function)(unsigned long), unsigned long argument) {
  uint64_t *stack = top;
  stack[-2] = (uint64_t)function;
  stack[-1] = argument;
  __asm__ volatile("dsb sy" ::: "memory");
  return psci(0xc4000003 /* CPU_ON, 64 bits */, number, (unsigned long)secondary_start, (unsigned long)top);
}
