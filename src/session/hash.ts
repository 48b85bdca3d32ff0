const prime = 0x100_0000_01b3n;
const basis = 0xcbf2_9ce4_8422_2325n;

/** FNV-1a, 64 bits, of a text's code units: 16 hexadecimal digits. */
export function hashText(text: string): string {
  let hash = basis;
  for (let i = 0; i < text.length; i++) hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(i))) * prime);
  return hash.toString(16).padStart(16, '0');
}
