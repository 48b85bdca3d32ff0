/** A partition of a disk. */
export interface Partition {
  /** As Linux numbers it: from 1; logical ones of an MBR from 5. */
  readonly number: number;
  readonly firstSector: number;
  readonly sectors: number;
  /** Two hexadecimal digits in an MBR, a GUID in a GPT. */
  readonly type: string;
  /** GPT only. */
  readonly name: string;
  /** Marked for a BIOS to boot from. */
  readonly isActive: boolean;
}
