import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { Session } from '../../session/session.ts';
import { type Incoming, PacketReader, packetOf } from './packets.ts';
import { SessionTarget } from './session-target.ts';
import { Stub } from './stub.ts';
import { registerValue } from './values.ts';

const image = new Uint8Array(readFileSync(new URL('../../../guests/build/primes.img', import.meta.url)));
const entry = 0x80000n;

function started(): Session {
  const session = new Session(() => 0);
  const machine = { cpus: 2, memoryMiB: 64, el: 2 } as const;
  const booted = session.boot({ kernel: { name: 'primes.img', bytes: image }, machine });
  if (!booted.ok) throw new Error(booted.error);
  return session;
}

/** A debugger at the other end of the protocol. */
class Client {
  readonly session: Session;
  readonly stub: Stub;
  readonly #reader = new PacketReader();
  sent = '';
  #replies: Incoming[] = [];

  constructor(session = started()) {
    this.session = session;
    this.stub = new Stub(new SessionTarget(this.session, null), (bytes) => {
      this.sent += String.fromCharCode(...bytes);
      this.#replies.push(...this.#reader.take(bytes));
    });
  }

  /** The reply to a packet; null if there is none until the machine has run on. */
  ask(packet: string): string | null {
    this.#replies = [];
    this.stub.receive(packetOf(packet));
    return this.#reply();
  }

  #reply(): string | null {
    const [reply] = this.#replies;
    return reply?.kind === 'packet' ? reply.data : null;
  }

  /** Has the machine move, and gives the stop reply. */
  move(packet: string): string {
    let reply = this.ask(packet);
    for (let slices = 0; reply === null && slices < 1000; slices++) {
      this.session.advance(0);
      this.stub.look();
      reply = this.#reply();
    }
    return reply ?? 'never';
  }

  register(number: number, bits = 64): bigint | null {
    return registerValue(this.ask(`p${number.toString(16)}`) ?? '', bits);
  }

  get pc(): bigint | null {
    return this.register(32);
  }
}

/** A machine that does not move. */
const still = started();
let client: Client;

describe('of a machine that stands still', () => {
  beforeEach(() => {
    client = new Client(still);
  });

  test('begins with what both sides can do, and does without acknowledgements if asked to', () => {
    expect(client.ask('qSupported:multiprocess+;swbreak+')).toMatch(
      /^PacketSize=4000;QStartNoAckMode\+;.*;ReverseStep\+;ReverseContinue\+$/,
    );
    expect(client.sent).toMatch(/^\+\$/);
    expect(client.ask('QStartNoAckMode')).toBe('OK');
    client.sent = '';
    expect(client.ask('?')).toBe('T05thread:1;');
    expect(client.sent).toBe(`$T05thread:1;#${client.sent.slice(-2)}`);
    client.sent = '';
    client.stub.receive(Uint8Array.of(0x2d));
    expect(client.sent).toMatch(/^\$T05thread:1;#/);
  });

  test('answers what it does not know with nothing', () => {
    for (const packet of ['', 'QNonStop:1', 'qOffsets', 'vMustReplyEmpty', 'vRun;x', 'R00', 'qXfer:auxv:read::0,10'])
      expect(client.ask(packet)).toBe('');
  });

  test('names threads, and chooses one', () => {
    expect(client.ask('qfThreadInfo')).toBe('m1,2');
    expect(client.ask('qsThreadInfo')).toBe('l');
    expect(client.ask('qXfer:threads:read::0,400')).toBe(
      'l<?xml version="1.0"?><threads><thread id="1" core="0" name="CPU0">EL2, running</thread>' +
        '<thread id="2" core="1" name="CPU1">off</thread></threads>',
    );
    expect(client.ask('Hg2')).toBe('OK');
    expect(client.ask('qC')).toBe('QC2');
    expect(client.pc).toBe(0n);
    expect(client.ask('Hg0')).toBe('OK');
    expect(client.pc).toBe(entry);
    expect(client.ask('T2')).toBe('OK');
    for (const packet of ['T3', 'Hg3']) expect(client.ask(packet)).toBe('E03');
    expect(client.ask('Hgx')).toBe('E16');
  });

  test('describes the registers, which come in that order', () => {
    let xml = '';
    for (let piece = 'm'; piece.startsWith('m'); xml += piece.slice(1))
      piece = client.ask(`qXfer:features:read:target.xml:${xml.length.toString(16)},300`) ?? '';
    const names = [...xml.matchAll(/<reg name="(\w+)" bitsize="(\d+)"/g)].map(([, name]) => name ?? '');
    expect(names.slice(0, 34)).toEqual([...Array.from({ length: 31 }, (_, n) => `x${n}`), 'sp', 'pc', 'cpsr']);
    expect(names.slice(66, 68)).toEqual(['fpsr', 'fpcr']);
    for (const name of ['CurrentEL', 'ELR_EL2', 'VBAR_EL1', 'TTBR0_EL1', 'VTTBR_EL2', 'HCR_EL2'])
      expect(names).toContain(name);
    expect(new Set(names).size).toBe(names.length);
    expect(client.register(names.indexOf('CurrentEL'))).toBe(8n);
    expect(client.ask('g')).toHaveLength(2 * (33 * 8 + 4 + 32 * 16 + 8));
    expect(client.ask(`p${names.length.toString(16)}`)).toBe('E16');
    expect(client.ask('qXfer:features:read:none:0,10')).toBe('E00');
  });

  test('reads memory up to where there is none', () => {
    expect(client.ask('m80000,4')).toBe(Buffer.from(image.subarray(0, 4)).toString('hex'));
    expect(client.ask('x80000,4')).toBe(`b${String.fromCharCode(...image.subarray(0, 4))}`);
    expect(client.ask('m80000,0')).toBe('');
    // 64 MiB of RAM, then nothing.
    expect(client.ask('m3fffffe,4')).toBe('0000');
    expect(client.ask('m4000000,4')).toBe('E0e');
    expect(client.ask('mff000000,4')).toBe('E0e');
    expect(client.ask('m,')).toBe('E16');
  });

  test.each(['Z5,0,4', 'Z0,x,4', 'Z0,80000', 'Z2,80000,0', 'Z2,80000,ffffffff'])('%s is malformed', (packet) => {
    expect(client.ask(packet)).toBe('E16');
  });

  test('an address that has no instruction is refused in a sentence', () => {
    expect(client.ask('Z0,80001,4')).toBe('E.There is no instruction at 0x80001: it is no multiple of 4.');
  });

  test('monitor answers in lines', () => {
    const monitor = (command: string): string => {
      const hex = Buffer.from(command).toString('hex');
      return Buffer.from(client.ask(`qRcmd,${hex}`) ?? '', 'hex').toString();
    };
    expect(monitor('el')).toBe('CPU0  EL2, running\nCPU1  off\n');
    expect(monitor('time')).toBe('0.000000000 s\nkept since 0.000000000 s\n');
    expect(monitor('pa 0x80000 4')).toMatch(/^0x80000: (?:[0-9a-f]{2} ){3}[0-9a-f]{2}\n$/);
    expect(monitor('pa 0x100000000')).toBe('There is no RAM at 0x100000000.\n');
    expect(monitor('translate $pc')).toBe('PA 0x80000 rwx\n');
    expect(monitor('translate $pc CPU1')).toBe('PA 0x0 rwx\n');
    expect(monitor('translate $pc CPU2')).toBe("There is no thread CPU2: 'monitor el' lists them.\n");
    expect(monitor('bt')).toBe('#0  0x80000\n');
    expect(monitor('translate $none')).toBe('There is no register $none, or it is not known.\n');
    expect(monitor('info domains')).toBe('There is no Xen on this machine: start one first.\n');
    expect(monitor('help')).toMatch(/^monitor el /);
    expect(monitor('fly')).toMatch(/^There is no command 'monitor fly'\.\nmonitor el /);
  });

  test('detaching and killing are told apart', () => {
    expect(client.ask('D')).toBe('OK');
    expect(client.stub.farewell).toBe('detached');
    client = new Client(still);
    expect(client.ask('vKill;1')).toBe('OK');
    expect(client.stub.farewell).toBe('killed');
  });
});

describe('of a machine that moves', () => {
  beforeEach(() => {
    client = new Client();
  });

  test('steps, stops at points, and goes back', () => {
    const [first, second] = [client.move('vCont;s:1;c'), client.pc];
    expect(first).toBe('T05thread:1;');
    expect(client.move('vCont;s:1;c')).toBe('T05thread:1;');
    const third = client.pc ?? 0n;
    expect(second).not.toBe(entry);
    // Further on in the same block.
    const point = (third + 8n).toString(16);
    expect(client.ask(`Z0,${point},4`)).toBe('OK');
    client.ask('qSupported:swbreak+;hwbreak+');
    expect(client.move('c')).toBe('T05swbreak:;thread:1;');
    expect(client.ask(`z0,${point},4`)).toBe('OK');
    expect(client.move('bs')).toBe('T05thread:1;');
    expect(client.pc).toBe(third + 4n);
    expect(client.move('s')).toBe('T05thread:1;');
    expect(client.move('bc')).toBe('T05replaylog:begin;thread:1;');
    expect(client.pc).toBe(entry);
    expect(client.move('vCont;c')).toBe('T05replaylog:end;thread:1;');
    expect(client.pc).toBe(third + 8n);
    expect(client.move(`vCont;r${third.toString(16)},${(third + 16n).toString(16)}:1`)).toBe('T05thread:1;');
    expect(client.pc).toBe(third + 16n);
    expect(client.move('vCont;c')).toBe('W00');
    expect(client.session.status().end).toBe('power-off');
  });

  test('reports what a watchpoint has seen', () => {
    // The first store of the run: the guest clears what is to be zero.
    expect(client.ask('Z2,84000,1000')).toBe('OK');
    expect(client.move('c')).toMatch(/^T05watch:84[0-9a-f]{3};thread:1;$/);
  });

  test('Ctrl-C stops the machine', () => {
    expect(client.ask('c')).toBeNull();
    client.session.advance(0);
    client.stub.receive(Uint8Array.of(3));
    client.sent = '';
    client.stub.look();
    expect(client.sent).toMatch(/T02thread:1;/);
  });
});

test('no bytes break it', () => {
  const hex = fc.bigInt(0n, 2n ** 68n).map((value) => value.toString(16));
  const word = fc.constantFrom(
    'p',
    'm',
    'x',
    'Z0,',
    'z2,',
    'H',
    'Hg',
    'vCont;',
    'vCont;s:',
    'vCont;r',
    'qXfer:threads:read::',
  );
  const more = fc.constantFrom(
    'T',
    'qRcmd,',
    'qXfer:features:read:target.xml:',
    'qSupported:',
    'qThreadExtraInfo,',
    'bs',
    's',
    '?',
  );
  const pieces = fc.array(
    fc.oneof(hex, fc.constantFrom(',', ';', ':', '-1', ':1', '*', ''), fc.string({ maxLength: 4 })),
    {
      maxLength: 5,
    },
  );
  const packet = fc.tuple(fc.oneof(word, more), pieces).map(([head, rest]) => packetOf(latin1(head + rest.join(''))));
  const noise = fc.uint8Array({ maxLength: 40 });
  let session = started();
  fc.assert(
    fc.property(fc.array(fc.oneof(packet, noise), { maxLength: 12 }), (stream) => {
      if (session.state === 'ended') session = started();
      const one = new Client(session);
      for (const bytes of stream) {
        one.stub.receive(bytes);
        one.session.advance(0);
        one.stub.look();
      }
      if (one.stub.farewell) return;
      // It still answers.
      one.stub.receive(packetOf(''));
      one.stub.receive(Uint8Array.of(3));
      one.stub.look();
      expect(one.ask('T1')).toBe('OK');
    }),
    { numRuns: 200 },
  );
});

const latin1 = (text: string): string =>
  Array.from(text, (one) => String.fromCharCode(one.charCodeAt(0) & 0xff)).join('');
