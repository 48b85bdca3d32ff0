/**
 * Captured frames as text in which two captures of the same session agree (golden/frames.txt): flow by flow, with names for
 * stations, TCP's numbers from 0 on, and without what is random or a matter of time.
 */
import { EtherType, type Frame, macAt, macText, word16, word32 } from '../../soc/net/frame.ts';
import { ipText } from '../../soc/net/host/address.ts';
import { type Layout, layoutOf, Protocol, payloadOf } from '../../soc/net/layout.ts';

const dhcpTypes = ['', 'discover', 'offer', 'request', 'decline', 'ack', 'nak', 'release', 'inform'];
const icmpTypes = new Map([
  [0, 'echo reply'],
  [3, 'unreachable'],
  [8, 'echo request'],
]);
const tcpOptions = new Map([
  [0, 'end'],
  [1, 'nop'],
  [4, 'sack'],
  [8, 'time'],
]);
/** Dates, and entity tags that are made of them. */
const times = /\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT|"[0-9a-f]+-[0-9a-f]+"/g;
/** Of flows with more data than this only the sums count: how they are cut into segments is a matter of time. */
const bulk = 10_000;

interface Line {
  /** What belongs together. What follows a # tells flows with the same title apart. */
  readonly flow: string;
  readonly text: string;
  /** Bytes of data. */
  readonly length: number;
}

const ip = (bytes: Uint8Array, at: number): string => ipText(word32(bytes, at));
const hex = (bytes: Uint8Array): string => [...bytes].map((each) => each.toString(16).padStart(2, '0')).join('');

/** Title and lines. */
export type Flow = readonly [string, readonly string[]];

/** The flows of a recorded text. */
export const flowsIn = (text: string): Flow[] =>
  text
    .trimEnd()
    .split(/\n(?! )/)
    .map((flow) => {
      const [title = '', ...lines] = flow.split('\n  ');
      return [title, lines];
    });

/**
 * A flow without what depends on the programs of Domain-0: its servers of DHCP and HTTP, and which IPv6 and which old neighbours
 * its kernel looks for. Of its TCP connections the beginnings are left, without its own windows.
 */
export function ofSystems([title, lines]: Flow): Flow {
  const isOwn = (line: string): boolean => line.startsWith('dom0');
  if (!title.startsWith('TCP')) {
    const isLeft = (line: string): boolean => !isOwn(line) || title.startsWith('Echo') || line.includes(' is at ');
    return [title, lines.filter(isLeft)];
  }
  if (!title.includes('dom0')) return [title, lines];
  const begun = lines.filter((line) => /\[(S|S\.|R\.)\]|"GET /.test(line));
  return [title, begun.map((line) => (isOwn(line) ? line.replaceAll(/win \d+|scale \d+/g, '') : line))];
}

/**
 * The flows of what was captured at one port. `names` has stations by their MAC and IP addresses; frames of
 * others are left out.
 */
export function flowsOf(frames: readonly Frame[], names: ReadonlyMap<string, string>): Flow[] {
  const reader = new FrameReader(names);
  const flows = new Map<string, Line[]>();
  for (const frame of frames) {
    const from = names.get(macText(macAt(frame.bytes, 6)));
    if (from === undefined) continue;
    const line = reader.line(frame);
    const way = `${from} > ${reader.station(frame.bytes, 0)}`;
    flows.set(line.flow, [...(flows.get(line.flow) ?? []), { ...line, text: `${way}: ${line.text}` }]);
  }
  return [...flows].map(([flow, lines]) => [flow.replace(/ #.*/, ''), bodyOf(flow, lines)]);
}

function bodyOf(flow: string, lines: readonly Line[]): string[] {
  const texts = lines.map(({ text }) => text);
  // When a station is asked for again, or a group joined, is a matter of time.
  if (/^(ARP|IPv6|DHCP)/.test(flow)) return [...new Set(texts)].sort();
  if (lines.reduce((sum, { length }) => sum + length, 0) < bulk) return texts;
  const sums = new Map<string, number>();
  for (const { text, length } of lines) {
    const way = text.replace(/:.*/s, '');
    sums.set(way, (sums.get(way) ?? 0) + length);
  }
  return [...sums].map(([way, sum]) => `${way}: ${sum} bytes`);
}

class FrameReader {
  readonly #names: ReadonlyMap<string, string>;
  /** First sequence numbers, by flow and port. */
  readonly #starts = new Map<string, number>();
  /** Flows of fragments, by sender and identification. */
  readonly #fragments = new Map<string, string>();

  constructor(names: ReadonlyMap<string, string>) {
    this.#names = names;
  }

  station(bytes: Uint8Array, at: number): string {
    const mac = macText(macAt(bytes, at));
    return this.#names.get(mac) ?? (mac.startsWith('33:33:ff') ? 'solicited node' : mac.replace(/^(ff:?){6}$/, 'all'));
  }

  line(frame: Frame): Line {
    const line = this.#line(frame);
    let { text } = line;
    for (const [address, name] of this.#names) {
      const digits = address.split('.').map((each) => Number(each).toString(16).padStart(2, '0'));
      text = text.replaceAll(new RegExp(`${address.replaceAll('.', '\\.')}(?!\\d)`, 'g'), name);
      if (digits.length === 4) text = text.replaceAll(`=${digits.join('')}`, `=${name}`);
    }
    return { ...line, text };
  }

  #line(frame: Frame): Line {
    const { bytes } = frame;
    const { type, at } = payloadOf(bytes);
    if (type === EtherType.arp) return this.#arp(bytes, at);
    if (type === EtherType.ipv4) return this.#ipv4(frame, at);
    const text = type === EtherType.ipv6 ? 'IPv6' : `type ${type.toString(16)}`;
    return { flow: text, text: `${bytes.length} bytes`, length: 0 };
  }

  #arp(bytes: Uint8Array, at: number): Line {
    const [sender, target] = [ip(bytes, at + 14), ip(bytes, at + 24)];
    const question = word16(bytes, at + 6) === 1 ? `who has ${target}, tell ${sender}` : null;
    const text = `${question ?? `${sender} is at ${this.station(bytes, at + 8)}`}, ${bytes.length} bytes`;
    return { flow: 'ARP', text, length: 0 };
  }

  #ipv4(frame: Frame, at: number): Line {
    const { bytes } = frame;
    const [source, target] = [ip(bytes, at + 12), ip(bytes, at + 16)];
    const [total, fragment] = [word16(bytes, at + 2), word16(bytes, at + 6)];
    const header = [
      `ttl ${bytes[at + 8]}`,
      ...(bytes[at + 1] ? [`tos ${bytes[at + 1]}`] : []),
      ...(fragment & 0x4000 ? ['DF'] : []),
      ...(fragment & 0x3fff ? [`fragment at ${(fragment & 0x1fff) * 8}${fragment & 0x2000 ? ', more' : ''}`] : []),
      `${total} bytes`,
    ].join(', ');
    const [from, to] = [source, target].map((address) => this.#names.get(address) ?? address);
    const layout = layoutOf(bytes);
    if (layout?.protocol === Protocol.tcp) return this.#tcp(frame, layout, [from ?? '', to ?? ''], header);
    if (layout) return { flow: 'DHCP', text: `${this.#dhcp(bytes.subarray(layout.data))}, ${header}`, length: 0 };
    const start = at + ((bytes[at] as number) & 15) * 4;
    const id = `${source} ${word16(bytes, at + 4)}`;
    if (fragment & 0x1fff) return { flow: this.#fragments.get(id) ?? 'IP', text: header, length: 0 };
    const type = bytes[start] as number;
    const flow = `Echo from ${type === 0 ? `${to} to ${from}` : `${from} to ${to}`}`;
    this.#fragments.set(id, flow);
    return { flow, text: `${icmpTypes.get(type) ?? type} ${word16(bytes, start + 6)}, ${header}`, length: 0 };
  }

  #tcp(
    { bytes, offload }: Frame,
    { transport, data, end }: Layout,
    [from, to]: [string, string],
    header: string,
  ): Line {
    const [here, there] = [word16(bytes, transport), word16(bytes, transport + 2)];
    const way = here > there ? `${from} to ${to}` : `${to} to ${from}`;
    const flow = `TCP from ${way}, port ${Math.min(here, there)} #${Math.max(here, there)}`;
    const relative = (port: number, value: number, begins: boolean): number => {
      const key = `${flow} ${port}`;
      if (begins || !this.#starts.has(key)) this.#starts.set(key, value);
      return (value - (this.#starts.get(key) ?? 0)) >>> 0;
    };
    const flags = bytes[transport + 13] as number;
    const letters = [...'FSRP.UEW'].filter((_, bit) => flags & (1 << bit)).join('');
    const content = bytes.subarray(data, end);
    const text = new TextDecoder('latin1').decode(content).replaceAll(times, 'TIME');
    const parts = [
      `[${letters}] seq ${relative(here, word32(bytes, transport + 4), (flags & 2) !== 0)}`,
      ...(flags & 16 ? [`ack ${relative(there, word32(bytes, transport + 8), false)}`] : []),
      `win ${word16(bytes, transport + 14)}`,
      ...optionsOf(bytes.subarray(transport + 20, data)),
      header,
      ...(offload?.isChecksumBlank ? ['checksum blank'] : []),
      ...(offload?.segmentation ? [`in segments of ${offload.segmentation.size}`] : []),
      ...(content.length > 0 ? [JSON.stringify(text)] : []),
    ];
    return { flow, text: parts.join(', '), length: content.length };
  }

  /** Type of the message, addresses, and options in their order. */
  #dhcp(data: Uint8Array): string {
    const texts: string[] = [];
    let kind = '';
    for (let at = 240; at < data.length && data[at] !== 255; at += data[at] === 0 ? 1 : 2 + (data[at + 1] ?? 0)) {
      const value = data.subarray(at + 2, at + 2 + (data[at + 1] ?? 0));
      if (data[at] === 53) kind = dhcpTypes[value[0] as number] ?? '';
      else if (data[at] !== 0) texts.push(`${data[at]}=${hex(value)}`);
    }
    const mac = hex(data.subarray(28, 34));
    const options = texts.join(' ').replaceAll(mac, 'MAC');
    return `${kind}, client ${ip(data, 12)}, yours ${ip(data, 16)}, server ${ip(data, 20)}, options ${options}`;
  }
}

function optionsOf(bytes: Uint8Array): string[] {
  const texts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const kind = bytes[at] as number;
    if (kind === 2) texts.push(`mss ${word16(bytes, at + 2)}`);
    else if (kind === 3) texts.push(`scale ${bytes[at + 2]}`);
    else texts.push(tcpOptions.get(kind) ?? `option ${kind}`);
    at += kind < 2 ? 1 : Math.max(2, bytes[at + 1] ?? 2);
  }
  return texts.length > 0 ? [texts.join(' ')] : [];
}
