/** One domain in every detail that its administrator may want. Plain data. */

/** How a vCPU last left for Xen by itself: a trap, a hypercall or a fault, as the registers of EL2 reported it. */
export interface VcpuExit {
  /** ESR_EL2. */
  readonly syndrome: number;
  /** ELR_EL2: the instruction at fault, or the one behind a call. */
  readonly pc: bigint;
  /** FAR_EL2; only an abort sets it. */
  readonly address: bigint;
  /** The intermediate physical address of that, from HPFAR_EL2; only an abort in stage 2 has one. */
  readonly ipa: bigint;
  /** The hypercall's name in public/xen.h, or its number; null if it is none. */
  readonly hypercall: string | null;
}

/** How often vCPUs have left for Xen for a reason, and for how many cycles, what Xen did before it went back included. */
export interface ExitCount {
  readonly kind: ExitKind;
  readonly count: number;
  readonly cycles: number;
}

export type ExitKind =
  | 'hypercall'
  | 'wait'
  | 'interrupt'
  | 'distributor'
  | 'cpuInterface'
  | 'timer'
  | 'translationControl'
  | 'tlbMaintenance'
  | 'tableWrite'
  | 'shadowFill'
  | 'other';

/** The registers of a vCPU, in its pCPU while it runs, saved by Xen otherwise. */
export interface VcpuRegisters {
  /** The pCPU that holds them; null for those that Xen has saved. */
  readonly core: number | null;
  readonly pc: bigint;
  /** PSTATE as SPSR_ELx holds it, and the level in it. */
  readonly pstate: number;
  readonly el: number;
  /** X0 to X30. */
  readonly x: readonly bigint[];
  /** System registers of EL0 and EL1 by their names, those of the last exception to EL1 first. */
  readonly system: readonly { readonly name: string; readonly value: bigint }[];
}

export interface VcpuDetails {
  readonly id: number;
  /** Null if it has never trapped. */
  readonly exit: VcpuExit | null;
  readonly registers: VcpuRegisters;
}

/** What a domain has besides processors and memory. */
export interface DomainDevice {
  readonly kind: 'console' | 'vuart' | 'iomem' | 'irq' | 'device-tree' | 'disk' | 'other';
  /** Which one, in the words of its config. */
  readonly text: string;
}

export interface DomainDetails {
  readonly id: number;
  /** Null for Dom0, which has none. */
  readonly uuid: string | null;
  /** The file in Dom0 that `xl create` read; null for Dom0. */
  readonly config: string | null;
  readonly kernel: string | null;
  readonly vmid: number;
  /** KiB that it may have. */
  readonly maxMemoryKib: number;
  readonly devices: readonly DomainDevice[];
  /** Why its vCPUs have left for Xen so far. */
  readonly exits: readonly ExitCount[];
  readonly vcpus: readonly VcpuDetails[];
}
