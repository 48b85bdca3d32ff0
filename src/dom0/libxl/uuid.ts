import type { RandomBytes } from '../../base/random.ts';
import { formatUuid } from '../../base/uuid.ts';

/** A random UUID (RFC 4122, version 4). */
export const randomUuid = (random: RandomBytes): string => {
  const bytes = random.bytes(16);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  return formatUuid(bytes);
};

export const uuidBytes = (uuid: string): Uint8Array =>
  Uint8Array.from(uuid.replaceAll('-', '').match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
