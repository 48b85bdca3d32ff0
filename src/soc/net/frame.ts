/** Ethernet frames as they travel between stations (IEEE 802.3, clause 3), without preamble and check sequence. */

import { bytes, flag, nullable, oneOf, record, type Shape, whole } from '../../base/shape.ts';

/** What the sender has left to whoever passes the frame on, as Xen's netif.h and Linux's virtual interfaces do. */
export interface Offload {
  /** The checksum of TCP or UDP is still to be filled in (NETTXF_csum_blank). */
  readonly isChecksumBlank: boolean;
  /** A TCP segment that is longer than the link takes, to be cut into segments with `size` bytes of data at most. */
  readonly segmentation: { readonly kind: 'tcp4' | 'tcp6'; readonly size: number } | null;
}

/** Whoever has sent or received a frame must not change its bytes. */
export interface Frame {
  readonly bytes: Uint8Array;
  readonly offload: Offload | null;
}

export const frameShape: Shape<Frame> = record<Frame>({
  bytes,
  offload: nullable(
    record<Offload>({
      isChecksumBlank: flag,
      segmentation: nullable(record({ kind: oneOf('tcp4', 'tcp6'), size: whole() })),
    }),
  ),
});

/** What a station takes unfinished; all else is finished before it gets the frame. */
export interface Abilities {
  readonly checksum: boolean;
  readonly tcp4: boolean;
  readonly tcp6: boolean;
}

export const noAbilities: Abilities = { checksum: false, tcp4: false, tcp6: false };
export const allAbilities: Abilities = { checksum: true, tcp4: true, tcp6: true };

export const headerLength = 14;
/** What follows the header of a frame on a link that nobody has set up otherwise. */
export const defaultMtu = 1500;
export const vlanTagLength = 4;
/** Headers and the longest IP packet. */
export const maxFrameLength = headerLength + 2 * vlanTagLength + 65535;

/** EtherTypes (IANA, IEEE 802 Numbers). */
export const EtherType = { ipv4: 0x0800, arp: 0x0806, vlan: 0x8100, serviceVlan: 0x88a8, ipv6: 0x86dd } as const;

/** A frame that needs nothing more. */
export const finished = (bytes: Uint8Array): Frame => ({ bytes, offload: null });

/** A MAC address as a number of 48 bits. */
export type MacAddress = number;
export const broadcastMac: MacAddress = 0xffff_ffff_ffff;

export const macAt = (bytes: Uint8Array, at: number): MacAddress => word16(bytes, at) * 2 ** 32 + word32(bytes, at + 2);

export function putMac(bytes: Uint8Array, at: number, mac: MacAddress): void {
  putWord16(bytes, at, Math.floor(mac / 2 ** 32));
  putWord32(bytes, at + 2, mac % 2 ** 32);
}

/** Whether the address is for a group of stations, or all of them. */
export const isGroup = (mac: MacAddress): boolean => Math.floor(mac / 2 ** 40) % 2 === 1;

/** As `ip` and `xl` print it: 00:16:3e:00:00:01. */
export const macText = (mac: MacAddress): string =>
  mac
    .toString(16)
    .padStart(12, '0')
    .replace(/..(?!$)/g, '$&:');

/** Numbers in network order. */
export const word16 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
export const word32 = (bytes: Uint8Array, at: number): number =>
  ((word16(bytes, at) << 16) | word16(bytes, at + 2)) >>> 0;

export function putWord16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

export function putWord32(bytes: Uint8Array, at: number, value: number): void {
  putWord16(bytes, at, value >>> 16);
  putWord16(bytes, at + 2, value & 0xffff);
}
