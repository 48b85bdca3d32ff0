/** IPv4 addresses: numbers of 32 bits. */

export type Ipv4 = number;

export const anyAddress: Ipv4 = 0;
export const limitedBroadcast: Ipv4 = 0xffff_ffff;

/** As everyone writes it: 10.0.0.1. */
export const ipText = (address: Ipv4): string => [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.');

/** An address in its network. */
export interface Interface {
  readonly address: Ipv4;
  /** How many bits of the address are those of the network. */
  readonly prefix: number;
}

export const netmask = (prefix: number): Ipv4 => (prefix === 0 ? 0 : (0xffff_ffff << (32 - prefix)) >>> 0);
export const isOnLink = ({ address, prefix }: Interface, other: Ipv4): boolean =>
  ((address ^ other) & netmask(prefix)) === 0;
export const broadcastOf = ({ address, prefix }: Interface): Ipv4 => (address | ~netmask(prefix)) >>> 0;
