/**
 * The kinds of events that the probe records, each described here and nowhere else. A kind's number is its place in
 * this table and holds for one build; files keep its name. To add a kind, add a row and emit it where the event
 * becomes true.
 */

/** How a field's value reads; `src/session/probe/text.ts` has a function for each. */
export type Format =
  | 'decimal'
  | 'signed'
  | 'hex'
  /** A virtual address without its top byte, which repeats bit 55. */
  | 'address'
  /** A physical address: the device there and the offset in it. */
  | 'device'
  /** An exception level. */
  | 'level'
  /** A class of exceptions, or IRQ or FIQ. */
  | 'exception'
  /** On or off. */
  | 'flag'
  /** A vCPU: its domain in bits 31-16, its number in bits 15-0. */
  | 'vcpu'
  | 'hypercall'
  | 'runstate'
  | 'shutdown'
  | 'resetCause'
  | 'dmaOutcome'
  | 'channel'
  | 'xenstore'
  | 'console';

/** A part of an event's words: of `a`, which has 32 bits, or of `b`, which has 64. */
export interface Field {
  readonly name: string;
  readonly word: 'a' | 'b';
  /** Its lowest bit, and how many it has. */
  readonly shift: number;
  readonly width: number;
  readonly format: Format;
}

export interface EventKind {
  readonly category: Category;
  readonly fields: readonly Field[];
}

export const categories = [
  'exceptions',
  'interrupts',
  'devices',
  'dma',
  'firmware',
  'hypercalls',
  'scheduler',
  'domains',
  'dom0',
] as const;
export type Category = (typeof categories)[number];

const kind = (category: Category, ...fields: readonly Field[]): EventKind => ({ category, fields });
const a = (name: string, format: Format, shift = 0, width = 32 - shift): Field => ({
  name,
  word: 'a',
  shift,
  width,
  format,
});
const b = (name: string, format: Format, shift = 0, width = 64 - shift): Field => ({
  name,
  word: 'b',
  shift,
  width,
  format,
});

const taken = kind(
  'exceptions',
  a('class', 'exception', 25),
  b('from', 'level', 56, 2),
  b('elr', 'address', 0, 56),
  a('iss', 'hex', 0, 25),
);
const returned = kind('exceptions', b('to', 'level', 56, 2), b('pc', 'address', 0, 56), a('spsr', 'hex'));
const access = kind(
  'devices',
  b('at', 'device', 0, 48),
  b('size', 'decimal', 48, 8),
  a('value', 'hex'),
  b('aborts', 'flag', 56, 1),
);
const emulated = kind('devices', b('ipa', 'hex', 0, 48), b('size', 'decimal', 48, 8), a('value', 'hex'));
const dma = kind(
  'dma',
  a('stream', 'hex', 16, 16),
  b('address', 'hex', 0, 56),
  a('bytes', 'decimal', 0, 16),
  b('outcome', 'dmaOutcome', 56, 2),
);
const interrupt = kind('interrupts', a('id', 'decimal'));
const called = (category: Category): EventKind => kind(category, a('function', 'hex'), b('x1', 'hex'));
const answered = (category: Category): EventKind => kind(category, a('function', 'hex'), b('x0', 'hex'));

/**
 * An event belongs to the vCPU that runs on the core, with these exceptions: events of the scheduler, injections and
 * event channels belong to the vCPU that they are about; what a backend does belongs to the domain that it serves.
 */
export const eventKinds = {
  /** An exception has been taken. For interrupts `iss` is 0. */
  exceptionToEl1: taken,
  exceptionToEl2: taken,
  /** An ERET has been executed at that level. */
  returnFromEl1: returned,
  returnFromEl2: returned,
  /** A core waits for an interrupt or an event, or is turned off; and goes on, or is turned on. */
  coreWaits: kind('exceptions'),
  coreResumes: kind('exceptions'),
  /** A guest's access has faulted in stage 2, before the exception is taken. */
  stage2Fault: kind(
    'exceptions',
    b('ipa', 'hex', 0, 48),
    a('status', 'hex', 0, 6),
    a('write', 'flag', 6, 1),
    a('walk', 'flag', 7, 1),
    a('fetch', 'flag', 8, 1),
  ),

  /** A peripheral's input of the GIC has changed; of a private one that of the core in `line`. */
  interruptLine: kind('interrupts', a('id', 'decimal'), b('level', 'decimal', 0, 1), b('line', 'decimal', 1, 8)),
  /** A core has sent a software-generated interrupt to another. */
  interruptSent: kind('interrupts', a('id', 'decimal'), b('to', 'decimal', 0, 8)),
  /** A core has read GICC_IAR, written GICC_EOIR, or written GICC_DIR. */
  interruptTaken: interrupt,
  interruptEnded: interrupt,
  interruptDeactivated: interrupt,
  /** Xen has made an interrupt of a vCPU pending. */
  interruptInjected: interrupt,
  /** A guest has read GICV_IAR, or written GICV_EOIR. */
  virtualInterruptTaken: interrupt,
  virtualInterruptEnded: interrupt,

  /** An access to a device, or to an address where none is, which aborts. */
  deviceRead: access,
  deviceWrite: access,
  /** A guest's access to a device that Xen emulates for it. */
  emulatedRead: emulated,
  emulatedWrite: emulated,

  /** A DMA master has made an access of at most a page. */
  dmaRead: dma,
  dmaWrite: dma,
  /** The SMMU refuses an access. `status` is GFSR's for a global fault, else FSR's of the context bank. */
  smmuFault: kind(
    'dma',
    a('stream', 'hex', 16, 16),
    b('address', 'hex', 0, 56),
    a('bank', 'decimal', 10, 5),
    a('global', 'flag', 15, 1),
    a('status', 'hex', 0, 10),
    b('write', 'flag', 56, 1),
  ),

  /** A call of the firmware at EL3 (PSCI, EEMI), and its answer. */
  firmwareCall: called('firmware'),
  firmwareReturn: answered('firmware'),
  /** A guest's call of what it takes for the firmware: by SMC or HVC #0, served by Xen. */
  virtualFirmwareCall: called('firmware'),
  virtualFirmwareReturn: answered('firmware'),
  /** The board is reset, and starts again at the same time. */
  systemReset: kind('firmware', a('cause', 'resetCause')),

  /** A hypercall, also one of a multicall; and its end. */
  hypercall: kind('hypercalls', a('number', 'hypercall'), b('argument', 'hex')),
  /** `again`: the guest makes the call once more for what is left of it. */
  hypercallReturn: kind(
    'hypercalls',
    a('number', 'hypercall', 0, 31),
    a('again', 'flag', 31, 1),
    b('result', 'signed'),
  ),

  /**
   * A pCPU runs another vCPU from now on; `state` is that which the one before is left in, `waited` for how many nanoseconds the
   * next one could have run.
   */
  switch: kind('scheduler', a('before', 'vcpu'), b('state', 'runstate', 0, 8), b('waited', 'decimal', 8, 48)),
  /** A vCPU that was blocked or paused can run again. */
  wake: kind('scheduler', a('pcpu', 'decimal')),
  /** It waits for an event. */
  block: kind('scheduler', a('pcpu', 'decimal')),
  /** Something else keeps it from running: it is paused, off, moved, or over its cap. */
  sleep: kind('scheduler', a('pcpu', 'decimal')),
  yield: kind('scheduler', a('pcpu', 'decimal')),
  /** It belongs to another pCPU's run queue from now on; `stolen` where that had nothing better to run. */
  migrate: kind('scheduler', a('from', 'decimal'), b('to', 'decimal', 0, 8), b('stolen', 'flag', 8, 1)),

  /** A pCPU is to look at its run queue, because of this vCPU. */
  tickle: kind('scheduler', a('pcpu', 'decimal')),
  /** The scheduler's own numbers for a vCPU have changed; `change` is what was added. */
  priority: kind('scheduler', a('priority', 'signed'), b('before', 'signed', 0, 32)),
  credit: kind('scheduler', a('credit', 'signed'), b('change', 'signed', 0, 32)),

  domainCreated: kind('domains', a('vcpus', 'decimal')),
  domainShutdown: kind('domains', a('reason', 'shutdown')),
  domainDestroyed: kind('domains'),

  /** An event channel's port of a vCPU becomes pending; `from` is the domain at its other end. */
  eventChannel: kind('domains', a('port', 'decimal'), b('kind', 'channel', 0, 8), b('from', 'decimal', 16, 16)),
  /** xenstored has answered a message of a domain. */
  xenstoreRequest: kind('dom0', a('type', 'xenstore'), b('answer', 'xenstore', 16, 16), b('bytes', 'decimal', 0, 16)),
  /** xenstored has told a domain that something it watches has changed. */
  xenstoreWatch: kind('dom0', a('bytes', 'decimal')),
  /** xenconsoled has moved bytes from a domain's console, or to it. */
  consoleOutput: kind('dom0', a('bytes', 'decimal'), b('console', 'console', 0, 8)),
  consoleInput: kind('dom0', a('bytes', 'decimal'), b('console', 'console', 0, 8)),
  /** netback has taken a packet that a domain sends, from so many pages, or has put one into pages of a domain. */
  packetSent: kind('dom0', a('bytes', 'decimal'), b('pages', 'decimal', 0, 8)),
  packetReceived: kind('dom0', a('bytes', 'decimal'), b('pages', 'decimal', 0, 8)),
  /** Dom0's programs work, and use the CPU for so long before they go on. */
  dom0Work: kind('dom0', b('nanoseconds', 'decimal')),
} as const satisfies Record<string, EventKind>;

export type EventName = keyof typeof eventKinds;

/** Names by number. */
export const eventNames = Object.keys(eventKinds) as readonly EventName[];

/** Numbers by name. */
export const ProbeKind = Object.fromEntries(eventNames.map((name, number) => [name, number])) as Readonly<
  Record<EventName, number>
>;

/** A field of an event, whose word `b` is given as halves. */
export const fieldOf = ({ word, shift, width }: Field, first: number, low: number, high: number): bigint => {
  const whole = word === 'a' ? BigInt(first >>> 0) : (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  return BigInt.asUintN(width, whole >> BigInt(shift));
};
