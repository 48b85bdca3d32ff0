// Hypercalls. Numbers and structures are those of Xen's public headers, whose names are in the comments.
#pragma once

#include <stdint.h>

/** Any hypercall: its number and up to three arguments. 0 or a positive number is success, a negative one an error. */
long hypercall(unsigned long number, unsigned long a, unsigned long b, unsigned long c);
/** A call of the Power State Coordination Interface. */
long psci(unsigned long function, unsigned long a, unsigned long b, unsigned long c);

enum hypercall_number { // __HYPERVISOR_*, public/xen.h
  HYPERCALL_memory_op = 12,
  HYPERCALL_xen_version = 17,
  HYPERCALL_console_io = 18,
  HYPERCALL_grant_table_op = 20,
  HYPERCALL_sched_op = 29,
  HYPERCALL_event_channel_op = 32,
  HYPERCALL_hvm_op = 34,
  HYPERCALL_sysctl = 35,
  HYPERCALL_domctl = 36,
};

/** This domain (DOMID_SELF). */
#define DOMID_SELF 0x7ff0

enum shutdown_reason { SHUTDOWN_poweroff = 0, SHUTDOWN_reboot = 1, SHUTDOWN_suspend = 2, SHUTDOWN_crash = 3 };

/** Ends this domain; its config file says what happens then (on_poweroff, on_reboot, on_crash). */
__attribute__((noreturn)) void xen_shutdown(enum shutdown_reason reason);

enum hvm_param { // HVM_PARAM_*, public/hvm/params.h
  HVM_PARAM_STORE_PFN = 1,
  HVM_PARAM_STORE_EVTCHN = 2,
  HVM_PARAM_CONSOLE_PFN = 17,
  HVM_PARAM_CONSOLE_EVTCHN = 18,
};

/** Reads one of the domain's parameters (HVMOP_get_param). */
uint64_t xen_parameter(enum hvm_param index);

/** Notifies the other end of an event channel (EVTCHNOP_send). */
void xen_notify(uint32_t port);

/**
 * Waits, without using the CPU, until an interrupt is pending (SCHEDOP_block). It unmasks interrupts only on return.
 */
void xen_block(void);

/** Starts vCPU `number` in `function`, on the stack that ends at `top`. */
long start_vcpu(unsigned number, void *top, void (*function)(unsigned long), unsigned long argument);
