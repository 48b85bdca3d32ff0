/** Which frames a GEM receives, and into which queue (UG1085 chapter 34, MAC filtering and priority queuing). */
import { broadcastMac, EtherType, isGroup, type MacAddress, macAt, word16 } from '../frame.ts';
import { layoutOf, Protocol, payloadOf } from '../layout.ts';
import { Config, Gem, type GemRegisters } from './registers.ts';

/** Bits of a receive descriptor's second word that tell why a frame was received. */
export const Match = {
  broadcast: 1 << 31,
  multicastHash: 1 << 30,
  unicastHash: 1 << 29,
  specific: 1 << 27,
  type: 1 << 24,
} as const;

/** The index of an address in the hash registers: each bit is the parity of every sixth bit of the address. */
export function hashIndex(address: MacAddress): number {
  let index = 0;
  for (let bit = 0; bit < 48; bit++) {
    // The first byte on the wire is the highest of the number, and its lowest bit is first.
    const byte = Math.floor(address / 2 ** (40 - 8 * (bit >> 3))) & 0xff;
    index ^= ((byte >>> (bit & 7)) & 1) << (bit % 6);
  }
  return index;
}

/** Bits for the descriptor; null if the frame is not for this station. `active`: which specific addresses count. */
export function matchOf(frame: Uint8Array, registers: GemRegisters, active: readonly boolean[]): number | null {
  const { config } = registers;
  const destination = macAt(frame, 0);
  const isTagged = word16(frame, 12) === EtherType.vlan;
  if (config & Config.onlyVlan && !isTagged) return null;
  let match = 0;
  let isMine = (config & Config.copyAll) !== 0;
  if (destination === broadcastMac) {
    if ((config & Config.noBroadcast) === 0) match |= Match.broadcast;
  } else if (config & (isGroup(destination) ? Config.multicastHash : Config.unicastHash)) {
    const hash = hashIndex(destination);
    const isHashed = ((registers.get(Gem.hash_bottom + (hash >= 32 ? 4 : 0)) >>> (hash & 31)) & 1) === 1;
    if (isHashed) match |= isGroup(destination) ? Match.multicastHash : Match.unicastHash;
  }
  for (let index = 0; index < 4; index++)
    if (active[index] && isSpecific(frame, registers, index)) {
      match |= Match.specific | (index << 25);
      break;
    }
  if (hasType(frame, registers)) isMine = true;
  const tag = isTagged
    ? (1 << 21) | ((word16(frame, 14) === 0 ? 1 : 0) << 20) | (((frame[14] as number) >> 5) << 17)
    : 0;
  return isMine || match !== 0 ? match | tag : null;
}

/** A specific address: destination or source, compared without the bytes or bits that its mask leaves out. */
function isSpecific(frame: Uint8Array, registers: GemRegisters, index: number): boolean {
  const bottom = registers.get(Gem.spec_add1_bottom + 8 * index);
  const top = registers.get(Gem.spec_add1_bottom + 8 * index + 4);
  const at = (top >>> 16) & 1 ? 6 : 0;
  const masks = [registers.get(Gem.mask_add1_bottom), registers.get(Gem.mask_add1_bottom + 4)] as const;
  for (let i = 0; i < 6; i++) {
    const shift = 8 * (i & 3);
    const difference = ((i < 4 ? bottom : top) >>> shift) ^ (frame[at + i] as number);
    // The first address has a mask by bits, the others one by bytes.
    const ignored = index === 0 ? (masks[i < 4 ? 0 : 1] >>> shift) & 0xff : (top >>> (24 + i)) & 1 ? 0xff : 0;
    if (difference & ~ignored & 0xff) return false;
  }
  return true;
}

function hasType(frame: Uint8Array, registers: GemRegisters): boolean {
  const type = word16(frame, 12);
  for (let index = 0; index < 4; index++) {
    const wanted = registers.get(Gem.spec_type1 + 4 * index);
    if (wanted >>> 31 && (wanted & 0xffff) === type) return true;
  }
  return false;
}

/** The queue that the screeners choose: by type of service or UDP port, else by VLAN priority; otherwise the first. */
export function queueOf(frame: Uint8Array, registers: GemRegisters): number {
  const { type, at } = payloadOf(frame);
  const layout = layoutOf(frame);
  const service =
    type === EtherType.ipv4
      ? frame[at + 1]
      : type === EtherType.ipv6 && frame.length > at + 1
        ? (word16(frame, at) >>> 4) & 0xff
        : undefined;
  const port = layout?.protocol === Protocol.udp ? word16(frame, layout.transport + 2) : undefined;
  for (let index = 0; index < 4; index++) {
    const screener = registers.get(Gem.screening_type_1_0 + 4 * index);
    const [byService, byPort] = [(screener >>> 28) & 1, (screener >>> 29) & 1];
    if (!byService && !byPort) continue;
    if (byService && ((screener >>> 4) & 0xff) !== service) continue;
    if (byPort && ((screener >>> 12) & 0xffff) !== port) continue;
    return screener & 0xf;
  }
  if (word16(frame, 12) !== EtherType.vlan) return 0;
  for (let index = 0; index < 4; index++) {
    const screener = registers.get(Gem.screening_type_2_0 + 4 * index);
    if ((screener >>> 8) & 1 && ((screener >>> 4) & 7) === (frame[14] as number) >> 5) return screener & 0xf;
  }
  return 0;
}
