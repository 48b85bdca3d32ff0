/** `q` packets: what GDB asks about the target. */
import { pieceOf, targetXml } from './description.ts';
import { maxPacket } from './packets.ts';
import type { Target, ThreadInfo } from './target.ts';
import { bytesOf, byteText, idText, parseId, smallNumber, textHex } from './values.ts';

export interface QueryContext {
  readonly target: Target;
  /** The thread that is chosen. */
  readonly thread: number;
  /** The one that has stopped. */
  readonly stopped: number;
  /** Takes what GDB says that it can do. */
  supports(features: ReadonlySet<string>): void;
}

/** The reply to a query; empty for one that is not known. */
export function query(packet: string, context: QueryContext): string {
  const { target, thread } = context;
  const [name = '', ...rest] = packet.split(/[:,;]/);
  switch (name) {
    case 'qSupported':
      context.supports(featuresIn(packet));
      return supported(target);
    case 'qC':
      return `QC${idText(thread)}`;
    case 'qAttached':
      return '1';
    case 'qfThreadInfo':
      return `m${target
        .threads()
        .map(({ id }) => idText(id))
        .join(',')}`;
    case 'qsThreadInfo':
      return 'l';
    case 'qThreadExtraInfo':
      return extraInfo(target, rest[0] ?? '');
    case 'qXfer':
      return transfer(packet, context);
    case 'qRcmd':
      return monitor(context, rest[0] ?? '');
    default:
      return '';
  }
}

const featuresIn = (packet: string): ReadonlySet<string> =>
  new Set([...packet.slice('qSupported:'.length).matchAll(/([^;]+)\+(?=;|$)/g)].map(([, name]) => name ?? ''));

const supported = ({ hasPast }: Target): string =>
  [
    `PacketSize=${maxPacket.toString(16)}`,
    'QStartNoAckMode+',
    'qXfer:features:read+',
    'qXfer:threads:read+',
    'swbreak+',
    'hwbreak+',
    'vContSupported+',
    'binary-upload+',
    ...(hasPast ? ['ReverseStep+', 'ReverseContinue+'] : []),
  ].join(';');

const labelOf = ({ name, detail }: ThreadInfo): string => `${name}: ${detail}`;

function extraInfo(target: Target, id: string): string {
  const wanted = parseId(id);
  const found = target.threads().find((thread) => thread.id === wanted);
  return found ? textHex(labelOf(found)) : 'E03';
}

/** `qXfer:OBJECT:read:ANNEX:OFFSET,LENGTH`. */
function transfer(packet: string, { target }: QueryContext): string {
  const [, object, annex, offset, length] = /^qXfer:([a-z]+):read:([^:]*):([0-9a-f]+),([0-9a-f]+)$/i.exec(packet) ?? [];
  const document =
    object === 'features' && annex === 'target.xml'
      ? targetXml(target.systemRegisters)
      : object === 'threads' && annex === ''
        ? byteText(threadsXml(target.threads()))
        : null;
  const from = smallNumber(offset ?? '', 2 ** 31);
  const count = smallNumber(length ?? '', 2 ** 31);
  if (document === null) return object === 'features' ? 'E00' : '';
  return from === null || count === null ? 'E16' : pieceOf(document, from, Math.min(count, maxPacket / 2));
}

const threadsXml = (threads: readonly ThreadInfo[]): string =>
  `<?xml version="1.0"?><threads>${threads
    .map((thread) => {
      const core = thread.core === null ? '' : ` core="${thread.core}"`;
      const name = escaped(thread.name);
      return `<thread id="${idText(thread.id)}"${core} name="${name}">${escaped(thread.detail)}</thread>`;
    })
    .join('')}</threads>`;

/** A domain may have any name. */
const escaped = (text: string): string =>
  Array.from(text, (one) =>
    /[<>&"']/.test(one) || one < ' ' ? (one < ' ' ? '?' : `&#${one.charCodeAt(0)};`) : one,
  ).join('');

function monitor({ target, stopped }: QueryContext, hex: string): string {
  const bytes = bytesOf(hex);
  if (!bytes) return 'E16';
  return textHex(target.monitor(stopped, new TextDecoder().decode(bytes).trim())) || 'OK';
}
