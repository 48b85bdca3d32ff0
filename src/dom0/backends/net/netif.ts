/** Constants of the network protocol of front end and back end (public/io/netif.h). */

/** Bytes of a request or response; of an extra, which takes the place of one, the first 8 count. */
export const txEntrySize = 12;
export const rxEntrySize = 8;

/** XEN_NETTXF_* */
export const TxFlag = { checksumBlank: 1, dataValidated: 2, more: 4, extra: 8 } as const;
/** XEN_NETRXF_* */
export const RxFlag = { dataValidated: 1, checksumBlank: 2, more: 4, extra: 8 } as const;
/** XEN_NETIF_RSP_* */
export const Status = { dropped: -2, error: -1, okay: 0, null: 1 } as const;
/** XEN_NETIF_EXTRA_TYPE_* */
export const ExtraType = { gso: 1, addMulticast: 2, removeMulticast: 3, hash: 4, xdp: 5 } as const;
/** Types of extras are below this. */
export const extraTypes = 6;
/** XEN_NETIF_EXTRA_FLAG_MORE */
export const extraMore = 1;
/** XEN_NETIF_GSO_TYPE_* */
export const GsoType = { tcp4: 1, tcp6: 2 } as const;

/** A packet with more slots than this behind its first is dropped: what the oldest front ends send at most. */
export const slotsMax = 18;
/** With more than this a front end is malicious (xen-netback's parameter fatal_skb_slots). */
export const slotsFatal = 20;
