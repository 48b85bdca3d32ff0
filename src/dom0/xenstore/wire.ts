/** Messages between xenstored and its clients (public/io/xs_wire.h). A string holds one byte per character. */

/** XS_*: enum xsd_sockmsg_type. */
export const MessageType = {
  control: 0,
  directory: 1,
  read: 2,
  getPerms: 3,
  watch: 4,
  unwatch: 5,
  transactionStart: 6,
  transactionEnd: 7,
  introduce: 8,
  release: 9,
  getDomainPath: 10,
  write: 11,
  mkdir: 12,
  rm: 13,
  setPerms: 14,
  watchEvent: 15,
  error: 16,
  isDomainIntroduced: 17,
  resume: 18,
  setTarget: 19,
  resetWatches: 21,
  directoryPart: 22,
} as const;

export interface Message {
  readonly type: number;
  readonly requestId: number;
  readonly transaction: number;
  readonly payload: string;
}

/** XENSTORE_PAYLOAD_MAX. */
export const payloadMax = 4096;
/** Bytes of struct xsd_sockmsg. */
export const headerSize = 16;

/** The header's length field: the number of payload bytes that follow. */
export const payloadLength = (header: Uint8Array): number => view(header).getUint32(12, true);

export const decodeMessage = (bytes: Uint8Array): Message => {
  const header = view(bytes);
  return {
    type: header.getUint32(0, true),
    requestId: header.getUint32(4, true),
    transaction: header.getUint32(8, true),
    payload: latin1(bytes.subarray(headerSize, headerSize + header.getUint32(12, true))),
  };
};

export const encodeMessage = ({ type, requestId, transaction, payload }: Message): Uint8Array => {
  const bytes = new Uint8Array(headerSize + payload.length);
  const header = view(bytes);
  header.setUint32(0, type, true);
  header.setUint32(4, requestId, true);
  header.setUint32(8, transaction, true);
  header.setUint32(12, payload.length, true);
  for (let i = 0; i < payload.length; i++) bytes[headerSize + i] = payload.charCodeAt(i);
  return bytes;
};

/** The strings joined, each with a zero byte at its end. */
export const terminated = (...strings: readonly string[]): string => strings.map((s) => `${s}\0`).join('');

/** The strings of a payload, each of which ends with a zero byte; null if the last one does not. */
export const splitStrings = (payload: string): string[] | null => {
  if (payload === '') return [];
  return payload.endsWith('\0') ? payload.slice(0, -1).split('\0') : null;
};

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
