/**
 * The GDB remote serial protocol (GDB manual, E) between a debugger and a target, in all-stop mode: what comes in are
 * packets, what goes out are replies, and a stop reply when a motion has ended.
 */
import { generalRegisters, type Register, registersWith } from './description.ts';
import { parseMotion } from './motions.ts';
import { damaged, type Incoming, PacketReader, packetOf, received } from './packets.ts';
import { Points, pointPacket } from './points.ts';
import { type QueryContext, query } from './queries.ts';
import { stopReply } from './stop-reply.ts';
import type { Stop, Target } from './target.ts';
import { hexOf, isAmong, numberOf, parseId, registerHex, smallNumber } from './values.ts';

const ok = 'OK';
/** Errors have numbers of errno: EINVAL, EFAULT, ESRCH. */
const invalid = 'E16';
const unreadable = 'E0e';
const noThread = 'E03';
const readOnly = 'E.A machine is only looked at: registers and memory cannot be written.';
/** Bytes of memory in a reply. */
const mostBytes = 0x1000;
/** Any thread. */
const any = 0;

export type Farewell = 'detached' | 'killed';

export class Stub {
  readonly #target: Target;
  readonly #send: (bytes: Uint8Array) => void;
  readonly #reader = new PacketReader();
  readonly #registers: readonly Register[];
  readonly #points: Points;
  /** What GDB has said that it can do. */
  #features: ReadonlySet<string> = new Set();
  #acknowledges = true;
  #last: Uint8Array = new Uint8Array();
  #moves = false;
  #stop: Stop | null = null;
  /** The threads that `Hg` and `Hc` have chosen. */
  #general = any;
  #current = any;
  #farewell: Farewell | null = null;

  constructor(target: Target, send: (bytes: Uint8Array) => void) {
    this.#target = target;
    this.#send = send;
    this.#registers = registersWith(target.systemRegisters);
    this.#points = new Points(target);
    target.halt();
  }

  /** How the debugger has taken its leave; null while it has not. */
  get farewell(): Farewell | null {
    return this.#farewell;
  }

  /** Bytes have come. */
  receive(bytes: Uint8Array): void {
    for (const incoming of this.#reader.take(bytes)) if (!this.#farewell) this.#take(incoming);
  }

  /** The machine has run on: reports if it has stopped. */
  look(): void {
    if (!this.#moves) return;
    const stop = this.#target.arrived();
    if (!stop) return;
    this.#moves = false;
    this.#stop = stop;
    if (stop.kind === 'stopped') this.#general = stop.thread;
    this.#reply(this.#stopReply(stop));
  }

  #take(incoming: Incoming): void {
    if (incoming.kind === 'interrupt') {
      if (this.#moves) this.#target.interrupt();
    } else if (incoming.kind === 'again') this.#send(this.#last);
    else if (incoming.kind === 'damaged') {
      if (this.#acknowledges) this.#send(damaged);
    } else {
      if (this.#acknowledges) this.#send(received);
      const reply = this.#answer(incoming.data);
      if (reply !== null) this.#reply(reply);
    }
  }

  #reply(data: string): void {
    this.#last = packetOf(data);
    this.#send(this.#last);
  }

  /** The reply to a packet; empty for one that is not known, null for none until the machine stops. */
  #answer(packet: string): string | null {
    const rest = packet.slice(1);
    switch (packet[0]) {
      case '!':
        return ok;
      case '?':
        return this.#stopReply(this.#stop ?? this.#stopped());
      case 'H':
        return this.#choose(rest);
      case 'T':
        return this.#withThread(parseId(rest), () => ok);
      case 'g':
        return this.#withThread(this.#general, (thread) => this.#registersOf(thread, generalRegisters));
      case 'p':
        return this.#withThread(this.#general, (thread) => this.#register(thread, rest));
      case 'm':
      case 'x':
        return this.#withThread(this.#general, (thread) => this.#memory(thread, rest, packet[0] === 'x'));
      case 'G':
      case 'P':
      case 'M':
        return readOnly;
      case 'Z':
      case 'z':
        return pointPacket(this.#points, packet) ?? invalid;
      case 'D':
        this.#farewell = 'detached';
        return ok;
      case 'k':
        this.#farewell = 'killed';
        return null;
      case 'Q':
        return this.#set(packet);
      case 'q':
        return query(packet, this.#queryContext());
      case 'v':
        if (packet.startsWith('vKill')) {
          this.#farewell = 'killed';
          return ok;
        }
        if (packet === 'vCont?') return 'vCont;c;C;s;S;t;r';
    }
    return this.#move(packet);
  }

  /** Packets that have the machine move. */
  #move(packet: string): string | null {
    if (!/^(?:[csCSb]|vCont;)/.test(packet)) return '';
    if (this.#moves) return null;
    const motion = parseMotion(packet, this.#target.threads(), this.#selected(this.#current));
    if (!motion) return invalid;
    if (motion.kind === 'stepBack' || motion.kind === 'continueBack') if (!this.#target.hasPast) return '';
    const moved = this.#target.move(motion);
    if (!moved.ok) return `E.${moved.error}`;
    this.#moves = true;
    return null;
  }

  #choose(rest: string): string {
    const id = parseId(rest.slice(1));
    if (id === null) return invalid;
    const isThere = this.#target.threads().some((thread) => isAmong(thread.id, id));
    if (!isThere) return noThread;
    if (rest[0] === 'g') this.#general = id;
    else if (rest[0] === 'c') this.#current = id;
    else return invalid;
    return ok;
  }

  #set(packet: string): string {
    if (packet !== 'QStartNoAckMode') return '';
    this.#acknowledges = false;
    return ok;
  }

  #register(thread: number, rest: string): string {
    const register = this.#registers[smallNumber(rest, 0xffff) ?? -1];
    return register ? this.#registersOf(thread, [register]) : invalid;
  }

  #registersOf(thread: number, registers: readonly Register[]): string {
    return registers.map(({ name, bits }) => registerHex(this.#target.register(thread, name), bits)).join('');
  }

  #memory(thread: number, rest: string, isBinary: boolean): string {
    const [address, length] = rest.split(',');
    const from = numberOf(address ?? '');
    const count = smallNumber(length ?? '', 0xffff_ffff);
    if (from === null || count === null) return invalid;
    const bytes = this.#target.read(thread, from, Math.min(count, mostBytes));
    if (bytes.length === 0 && count > 0) return unreadable;
    return isBinary ? `b${Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')}` : hexOf(bytes);
  }

  #queryContext(): QueryContext {
    return {
      target: this.#target,
      thread: this.#selected(this.#general),
      stopped: this.#selected(any),
      supports: (features) => {
        this.#features = features;
      },
    };
  }

  /** A thread that an ID stands for: the one that has stopped, if it is among them. */
  #selected(id: number): number {
    const threads = this.#target.threads().map((thread) => thread.id);
    const stopped = this.#stop?.kind === 'stopped' ? this.#stop.thread : any;
    const near = threads.filter((each) => isAmong(each, id));
    return near.find((each) => each === stopped) ?? near[0] ?? id;
  }

  #withThread(id: number | null, answer: (thread: number) => string): string {
    if (id === null) return invalid;
    const isThere = this.#target.threads().some((thread) => isAmong(thread.id, id));
    return isThere ? answer(this.#selected(id)) : noThread;
  }

  #stopped(): Stop {
    return { kind: 'stopped', thread: this.#selected(any), why: { kind: 'step' } };
  }

  #stopReply(stop: Stop): string {
    return stopReply(stop, this.#features);
  }
}
