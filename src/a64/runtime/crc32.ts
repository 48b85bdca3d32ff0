import { i32, i64 } from '../../wasm/expr.ts';
import { type RuntimeFunction, runtimeFunction } from '../runtime.ts';

/** Reflected polynomials: 0x04c11db7 (CRC32) and 0x1edc6f41 (CRC32C). */
const polynomial = (castagnoli: boolean): number => (castagnoli ? 0x82f63b78 : 0xedb88320);

const build = (castagnoli: boolean, bytes: number): RuntimeFunction<'i32'> =>
  runtimeFunction(`crc32${castagnoli ? 'c' : ''}${bytes}`, ['i32', 'i64'], 'i32', (code) => {
    const crc = code.local('i32');
    const step = (): void => {
      const value = code.get(crc);
      const masked = i32.and(i32.sub(i32.const(0), i32.and(value, i32.const(1))), i32.const(polynomial(castagnoli)));
      code.set(crc, i32.xor(i32.shr_u(value, i32.const(1)), masked));
    };
    code.set(crc, code.param('i32', 0));
    const data = code.param('i64', 1);
    const words = bytes === 8 ? 2 : 1;
    for (let word = 0; word < words; word++) {
      const part = i32.wrap(i64.shr_u(data, i64.const(32 * word)));
      const width = bytes >= 4 ? 32 : 8 * bytes;
      const used = width === 32 ? part : i32.and(part, i32.const((1 << width) - 1));
      code.set(crc, i32.xor(code.get(crc), used));
      for (let bit = 0; bit < width; bit++) step();
    }
    code.return(code.get(crc));
    code.unreachable();
  });

const functions = new Map<string, RuntimeFunction<'i32'>>();

/** CRC32 or CRC32C of 1, 2, 4 or 8 bytes: (accumulator, data) to accumulator. */
export function crc32(castagnoli: boolean, bytes: number): RuntimeFunction<'i32'> {
  const key = `${castagnoli}${bytes}`;
  const known = functions.get(key);
  if (known) return known;
  const made = build(castagnoli, bytes);
  functions.set(key, made);
  return made;
}
