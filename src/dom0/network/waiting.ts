/** How Dom0's network programs wait for what happens on the network. */
import { cycles } from '../../base/units.ts';
import type { Host } from '../../soc/net/host/host.ts';
import type { Signal, Task } from '../os/task.ts';

/** Waits until the condition holds, which can change only when the signal is raised, or for so many seconds. */
export function* untilFor(host: Host, signal: Signal, condition: () => boolean, seconds: number): Task<boolean> {
  const { clock } = host.port.bridge;
  let isOver = false;
  const timer = clock.at(cycles(Math.round(clock.now + seconds * clock.hz)), () => {
    isOver = true;
    signal.raise();
  });
  try {
    while (!condition() && !isOver) yield { kind: 'signal', signal };
  } finally {
    timer.cancel();
  }
  return condition();
}

/** The address that a user means: numbers, or a name in the network with or without its end. */
export function addressIn(host: Host, text: string): number | null {
  const numbers = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (numbers?.[0] === 127) return host.interface.address;
  if (numbers) return numbers.every((part) => part < 256) ? numbers.reduce((sum, part) => sum * 256 + part) : null;
  const name = text.toLowerCase();
  if (name === 'localhost') return host.interface.address;
  const suffix = `.${host.domain}`;
  return host.addressOf(name.endsWith(suffix) ? name.slice(0, -suffix.length) : name);
}
