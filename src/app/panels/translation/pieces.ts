/** The size of what one descriptor maps: 4 KiB, 2 MiB, 1 GiB. */
export function formatPiece(sizeLog2: number): string {
  const [unit, from] = sizeLog2 >= 30 ? ['GiB', 30] : sizeLog2 >= 20 ? ['MiB', 20] : ['KiB', 10];
  return `${2 ** (sizeLog2 - Number(from))} ${unit}`;
}
