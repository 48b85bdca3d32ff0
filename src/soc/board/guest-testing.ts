import { cycles } from '../../base/units.ts';
import { readImage } from '../../boot/image.ts';
import { ZynqMp } from './zynqmp.ts';

/** Runs a guest of guests/ from power-on to power-off. Returns the lines that it printed and what the board logged. */
export function runGuest(
  image: Uint8Array,
  cores: number,
): { readonly lines: readonly string[]; readonly logged: readonly string[] } {
  let text = '';
  const logged: string[] = [];
  let off = false;
  const board = new ZynqMp({
    cores,
    dramSize: 1 << 20,
    el: 2,
    log: (source, line) => logged.push(`${source}: ${line}`),
    transmit: (uart, byte) => {
      if (uart === 0) text += String.fromCharCode(byte);
    },
    end: (how) => {
      off = how === 'power-off';
    },
  });
  const plan = readImage(image, 0n);
  if (!plan.ok) throw new Error(plan.error);
  board.start(plan.value);
  board.cluster.run(cycles(1_200_000_000));
  if (!off) throw new Error(`the guest has not come to its end: ${text}`);
  return { lines: text.trim().split('\r\n'), logged };
}
