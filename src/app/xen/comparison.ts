/** The same domains on the model of Xen and on the real one, each in a worker beside the machine's. */
import type { ExperimentStatus } from '../../session/stories/experiment.ts';
import type { XenMachine } from './xenMachine.ts';

/** Wall time between two looks, in milliseconds. */
const intervalMs = 300;

export interface ComparisonRequest {
  /** Paths of configs in Domain-0. */
  readonly configs: readonly string[];
  readonly seconds: number;
}

/**
 * Starts one of them, without the ready session's domains, and has an operator create those of the configs and measure.
 * Rejects with a sentence for the user.
 * @param seen called with how far it is
 * @param signal ends it
 */
export async function measureBeside(
  machine: XenMachine,
  isReal: boolean,
  request: ComparisonRequest,
  seen: (status: ExperimentStatus) => void,
  signal: AbortSignal,
): Promise<void> {
  const client = machine.beside();
  const ended = new Promise<never>((_, reject) => {
    client.onCrash(({ message }) => reject(new Error(message)));
    signal.addEventListener('abort', () => reject(new Error('')));
  });
  const measure = async (): Promise<void> => {
    await machine.startBeside(client, isReal);
    await client.ask('compare', request);
    await client.ask('pace', { pace: 'unlimited' });
    await client.ask('run');
    while (!signal.aborted) {
      const status = await client.ask('compared');
      if (status) seen(status);
      if (status?.state !== 'running') return;
      await new Promise((resolve) => setTimeout(resolve, intervalMs));
    }
  };
  try {
    await Promise.race([measure(), ended]);
  } finally {
    client.close();
  }
}
