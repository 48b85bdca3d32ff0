/** Translations of addresses, and maps of address spaces. Plain data. */
import type { MmuRegister, Translation, TranslationStep } from '../../arch/mmu/explain.ts';
import type { SmmuExplanation } from '../../soc/smmu/smmu.ts';

export type { SmmuExplanation, Translation, TranslationStep };

/** Whose addresses are translated. */
export type AddressSpaceOf =
  /** A core's, as its exception level `el` sees them. */
  | { readonly kind: 'core'; readonly core: number; readonly el: 0 | 1 | 2 }
  /** A vCPU's: in its pCPU while it runs, otherwise as Xen has saved it. */
  | { readonly kind: 'vcpu'; readonly domain: number; readonly vcpu: number; readonly el: 0 | 1 }
  /** A domain's intermediate physical addresses: stage 2 alone. */
  | { readonly kind: 'domain'; readonly domain: number }
  /** Those that a DMA master puts on the bus, by its stream ID. */
  | { readonly kind: 'stream'; readonly stream: number };

export type WalkAccess = 'read' | 'write' | 'execute';

export interface WalkRequest {
  readonly of: AddressSpaceOf;
  readonly address: bigint;
  readonly access: WalkAccess;
}

/** How an address is translated, with the registers that say so. */
export interface Walk {
  readonly request: WalkRequest;
  /** The core whose registers these are; null for those that Xen has saved, and for a stream. */
  readonly core: number | null;
  readonly registers: readonly { readonly name: MmuRegister; readonly value: bigint }[];
  readonly steps: readonly TranslationStep[];
  /** Null where the SMMU refuses the access before it asks a table; `smmu` then says why. */
  readonly result: Translation['result'] | null;
  /** For a stream: which way its accesses go at the SMMU. */
  readonly smmu: SmmuRoute | null;
}

/** What the SMMU does with a stream. Addresses of a bypass are physical. */
export type SmmuRoute =
  | Extract<SmmuExplanation, { readonly kind: 'bypass' | 'global fault' }>
  | Omit<Extract<SmmuExplanation, { readonly kind: 'context' }>, 'translation'>;

export interface MapRequest {
  readonly of: Exclude<AddressSpaceOf, { readonly kind: 'stream' }>;
}

/** Addresses that are mapped alike and in one piece. */
export interface MapRange {
  readonly start: bigint;
  /** Behind the last byte. */
  readonly end: bigint;
  /** Where the first byte leads: an IPA in stage 1, a physical address in stage 2. */
  readonly output: number;
  /** How many descriptors map it, by the log2 of their bytes. */
  readonly pieces: readonly { readonly sizeLog2: number; readonly count: number }[];
  /** What the level above EL0 may do; in stage 2, the whole guest. */
  readonly readable: boolean;
  readonly writable: boolean;
  readonly executable: boolean;
  /** The same of EL0, as `rwx` with dashes; null in stage 2, and at EL2. */
  readonly el0: string | null;
  readonly device: boolean;
  /** MAIR_ELx format; in stage 2 MemAttr. */
  readonly attributes: number;
  /** Bits 58:55 of stage 2, Xen's p2m type (xen/include/asm-arm/p2m.h, p2m_type_t); null in stage 1. */
  readonly kind: number | null;
  /** Of stage 2: the board's devices that it reaches. */
  readonly devices: readonly string[];
}

/** A page that two domains use by a grant. */
export interface SharedPage {
  /** The guest frame in this domain. */
  readonly gfn: number;
  /** Whether it belongs to this domain, which grants it; otherwise the other domain does. */
  readonly isOwn: boolean;
  readonly other: number;
  readonly reference: number;
  readonly readOnly: boolean;
}

export interface AddressMap {
  /** The lowest address first. */
  readonly ranges: readonly MapRange[];
  /** There are more ranges than are told. */
  readonly isCut: boolean;
  /** Stage 1 is off: addresses are their own translation. */
  readonly isOff: boolean;
  /** Devices that Xen emulates for the domain: stage 2 maps nothing there, and each access enters Xen. */
  readonly emulated: readonly EmulatedWindow[];
  /** By Xen's own lists, which only the model tells. */
  readonly shared: readonly SharedPage[];
}

export interface EmulatedWindow {
  readonly base: number;
  readonly size: number;
  readonly name: string;
}

/** What decided that an access was refused, as far as it is known: a key of the domain's config, or none. */
export type FaultCause =
  /** A device of the board is there, which the domain has not been given: `page` is for its `iomem`. */
  | { readonly kind: 'iomem'; readonly device: string; readonly page: number }
  /** It is behind the domain's memory, which `memory` gives it. */
  | { readonly kind: 'memory'; readonly kib: number }
  /** It is mapped, with other rights. */
  | { readonly kind: 'right' }
  /** Nothing is there, for any domain. */
  | { readonly kind: 'nothing' }
  /** No domain has the DMA master by `dtdev`. */
  | { readonly kind: 'dtdev'; readonly master: string }
  /** The master is the domain's, and is refused like the domain itself would be. */
  | { readonly kind: 'dma'; readonly domain: number };

/** An access that stage 2 or the SMMU has refused, as it was at that moment. */
export interface FaultRecord {
  /** The index of its entry in the log. */
  readonly entry: number;
  readonly virtualNs: number;
  /** Whose access it was; null for a DMA master that is nobody's. */
  readonly domain: number | null;
  /** The domain's name, or the DMA master's. */
  readonly name: string;
  /** Null for a DMA master. */
  readonly core: number | null;
  readonly pc: bigint | null;
  readonly access: WalkAccess;
  /** What was refused: an IPA, or what the DMA master put on the bus. */
  readonly address: number;
  readonly walk: Walk;
  readonly cause: FaultCause;
  /** The file in Domain-0 that the domain was made of, if it is known. */
  readonly config: string | null;
}

/** The same without the walk. */
export type FaultSummary = Omit<FaultRecord, 'walk'>;
