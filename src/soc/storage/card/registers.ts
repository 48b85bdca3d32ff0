/** What an SDHC card tells of itself: SD Physical Layer Simplified Specification 6.00, chapters 4.3.10, 4.10.2 and 5. */

/** A card's size is a multiple of this: C_SIZE counts so many bytes (5.3.3). */
export const capacityUnit = 512 * 1024;

/** Bits of the card status (4.10.1). The current state is in bits 12 to 9. */
export const CardStatus = {
  OUT_OF_RANGE: 1 << 31,
  BLOCK_LEN_ERROR: 1 << 29,
  ERASE_SEQ_ERROR: 1 << 28,
  ERASE_PARAM: 1 << 27,
  WP_VIOLATION: 1 << 26,
  ILLEGAL_COMMAND: 1 << 22,
  ERASE_RESET: 1 << 13,
  READY_FOR_DATA: 1 << 8,
  APP_CMD: 1 << 5,
} as const;

/** Operation conditions register: powered up, high capacity, 2.7 to 3.6 V (5.1). */
export const Ocr = { poweredUp: 1 << 31, highCapacity: 1 << 30, voltages: 0xff_8000 } as const;

/** A register of so many bits from its fields, each with its highest bit, its lowest bit and its value. */
function register(width: number, fields: readonly (readonly [high: number, low: number, value: number])[]): Uint8Array {
  const bytes = new Uint8Array(width / 8);
  for (const [high, low, value] of fields)
    for (let bit = low; bit <= high; bit++) {
      const at = bytes.length - 1 - (bit >> 3);
      if (Math.floor(value / 2 ** (bit - low)) % 2 === 1) bytes[at] = (bytes[at] as number) | (1 << (bit & 7));
    }
  return bytes;
}

/** Card identification: this project's card has no maker's number of its own (5.2). */
export const cid = register(128, [
  [127, 120, 0], // MID
  [119, 104, 0x454c], // OID: "EL"
  [103, 96, 0x45], // PNM: "EL2SD"
  [95, 64, 0x4c32_5344],
  [63, 56, 0x10], // PRV: 1.0
  [55, 24, 1], // PSN
  [19, 8, 0x18b], // MDT: November 2024
  [0, 0, 1],
]);

/** Card-specific data, version 2.0 (5.3.3). */
export const csd = (sectors: number, isReadOnly: boolean, isHighSpeed: boolean): Uint8Array =>
  register(128, [
    [127, 126, 1], // CSD_STRUCTURE
    [119, 112, 0x0e], // TAAC: 1 ms
    [103, 96, isHighSpeed ? 0x5a : 0x32], // TRAN_SPEED: 50 or 25 Mbit/s a line
    [95, 84, 0x535], // CCC: classes 0, 2, 4, 5, 8 and 10; no lock
    [83, 80, 9], // READ_BL_LEN: 512 bytes
    [69, 48, (sectors * 512) / capacityUnit - 1], // C_SIZE
    [46, 46, 1], // ERASE_BLK_EN: single blocks can be erased
    [45, 39, 0x7f], // SECTOR_SIZE
    [28, 26, 2], // R2W_FACTOR
    [25, 22, 9], // WRITE_BL_LEN
    [12, 12, isReadOnly ? 1 : 0], // TMP_WRITE_PROTECT
    [0, 0, 1],
  ]);

/** SD configuration: version 3.0X, 1 and 4 lines, CMD23; an erased block reads as zeros (5.6). */
export const scr = register(64, [
  [59, 56, 2], // SD_SPEC
  [51, 48, 5], // SD_BUS_WIDTHS
  [47, 47, 1], // SD_SPEC3
  [33, 33, 1], // CMD_SUPPORT
]);

/** SD status: class 10, allocation units of 4 MiB (4.10.2). */
export const sdStatus = (isWide: boolean): Uint8Array =>
  register(512, [
    [511, 510, isWide ? 2 : 0], // DAT_BUS_WIDTH
    [447, 440, 4], // SPEED_CLASS
    [431, 428, 9], // AU_SIZE
    [423, 408, 1], // ERASE_SIZE
    [407, 402, 1], // ERASE_TIMEOUT: 1 s
  ]);

/** Function groups of CMD6 and what they offer, from group 1 on: default and high speed, and the default of the others. */
const offered = [0x8003, 0x8001, 0x8001, 0x8001, 0x8001, 0x8001] as const;
export const keep = 0xf;

/**
 * The status that CMD6 returns for its argument (4.3.10.4): what each group offers and would choose, 0xf for a function
 * that it does not have. The maximum current is 0 then, and nothing changes.
 */
export function switchStatus(argument: number, isHighSpeed: boolean): { status: Uint8Array; speed: number } {
  const chosen = offered.map((functions, group) => {
    const wanted = (argument >>> (4 * group)) & 0xf;
    if (wanted === keep) return group === 0 && isHighSpeed ? 1 : 0;
    return (functions >> wanted) & 1 ? wanted : keep;
  });
  const isPossible = !chosen.includes(keep);
  const status = register(512, [
    [511, 496, isPossible ? 200 : 0], // maximum current in mA
    ...offered.map((functions, group) => [415 + 16 * group, 400 + 16 * group, functions] as const),
    ...chosen.map((choice, group) => [379 + 4 * group, 376 + 4 * group, choice] as const),
    [375, 368, 1], // the structure has the busy status
  ]);
  return { status, speed: isPossible ? (chosen[0] ?? 0) : keep };
}
