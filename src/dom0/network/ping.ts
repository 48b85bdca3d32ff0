/** BusyBox's ping. */
import { ipText } from '../../soc/net/host/address.ts';
import type { Echoed, Host } from '../../soc/net/host/host.ts';
import { dom0Costs } from '../os/costs.ts';
import type { Program, ProgramContext } from '../os/program.ts';
import { compute, Signal, type Task } from '../os/task.ts';
import { usage } from '../shell/programs/common.ts';
import { addressIn, untilFor } from './waiting.ts';

const usageText = '[-q] [-c COUNT] [-i SECONDS] [-s SIZE] [-W SECONDS] HOST';
/** Data in a request, and the most that fits into a packet. */
const defaultSize = 56;
const maxSize = 65_507;
const answerSeconds = 10;

export class PingProgram implements Program {
  readonly name = 'ping';
  readonly summary = 'see whether a host answers';
  private readonly host: Host;
  private readonly listeners = new Map<number, (echoed: Echoed) => void>();
  private nextId = 1;

  constructor(host: Host) {
    this.host = host;
    host.onEcho = (echoed) => this.listeners.get(echoed.id)?.(echoed);
  }

  complete(): readonly string[] {
    return this.host.stations.flatMap(({ name }) => name ?? []);
  }

  *run(context: ProgramContext): Task<number> {
    const options = readOptions(context.args);
    if (!options) return usage(context, usageText);
    const { target, count, interval, size, wait, isQuiet } = options;
    yield* compute(dom0Costs.smallProgram);
    const address = addressIn(this.host, target);
    if (address === null) {
      context.err(`ping: bad address '${target}'\n`);
      return 1;
    }
    const id = this.nextId++ & 0xffff;
    const arrived = new Signal('ping');
    const sentAt = new Map<number, number>();
    const times: number[] = [];
    let sent = 0;
    let lost = 0; // an error has come in place of an answer
    this.listeners.set(id, (echoed) => {
      const at = sentAt.get(echoed.sequence);
      if (at === undefined) return;
      sentAt.delete(echoed.sequence);
      if (echoed.kind === 'reply') {
        const time = (context.now() - at) / 1e6;
        times.push(time);
        const line = `seq=${echoed.sequence} ttl=${echoed.ttl} time=${time.toFixed(3)} ms`;
        if (!isQuiet) context.out(`${echoed.length} bytes from ${ipText(echoed.from)}: ${line}\n`);
      } else lost++;
      arrived.raise();
    });
    const hasAll = (): boolean => times.length + lost >= sent;
    try {
      context.out(`PING ${target} (${ipText(address)}): ${size} data bytes\n`);
      const data = new Uint8Array(size);
      while (sent < count) {
        sentAt.set(sent, context.now());
        this.host.ping(address, id, sent++, data);
        if (sent < count) yield* untilFor(this.host, arrived, () => false, interval);
      }
      yield* untilFor(this.host, arrived, hasAll, wait);
    } finally {
      this.listeners.delete(id);
      const percent = sent === 0 ? 0 : Math.floor(((sent - times.length) * 100) / sent);
      context.out(`\n--- ${target} ping statistics ---\n`);
      context.out(
        `${sent} packets transmitted, ${times.length} packets received, ${percent}% packet loss\n${summary(times)}`,
      );
    }
    return times.length > 0 ? 0 : 1;
  }
}

function summary(times: readonly number[]): string {
  if (times.length === 0) return '';
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
  const shown = [Math.min(...times), mean, Math.max(...times)].map((time) => time.toFixed(3));
  return `round-trip min/avg/max = ${shown.join('/')} ms\n`;
}

function readOptions(args: readonly string[]) {
  const values = new Map<string, number>();
  let isQuiet = false;
  const targets: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    if (arg === '-q') isQuiet = true;
    else if (/^-[ciWs]/.test(arg)) {
      const text = arg.length > 2 ? arg.slice(2) : (args[++i] ?? '');
      if (!/^\d+(\.\d+)?$/.test(text)) return null;
      values.set(arg[1] as string, Number(text));
    } else if (arg.startsWith('-')) return null;
    else targets.push(arg);
  }
  const [target] = targets;
  if (target === undefined || targets.length > 1) return null;
  return {
    target,
    isQuiet,
    count: values.get('c') || Number.POSITIVE_INFINITY,
    interval: Math.max(values.get('i') ?? 1, 0.001),
    size: Math.min(values.get('s') ?? defaultSize, maxSize),
    wait: values.get('W') ?? answerSeconds,
  };
}
