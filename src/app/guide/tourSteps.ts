import { consolePanel, editorPanel, type PanelId } from '../lab/layout/panelKind.ts';
import type { XenMachine } from '../xen/xenMachine.ts';

/** The config that the tour has edited. */
export const toured = '/etc/xen/hello.cfg';

/** A step of the tour: the panel that it stands at, and what it says. */
export interface TourStep {
  readonly panel: PanelId;
  /** Its texts are tour.NAME and tour.NAMEText. */
  readonly name: 'see' | 'console' | 'cpu' | 'latency' | 'edit';
  /** A command that the step offers to type into Domain-0. */
  readonly command?: string;
  /** Whether the visitor has done what the step asks for. */
  readonly isDone?: (machine: XenMachine) => boolean;
}

/** In µs: a control task that is never later has no neighbours. */
const tame = 1000;

export const steps: readonly TourStep[] = [
  { panel: 'domains', name: 'see' },
  { panel: consolePanel('Domain-0'), name: 'console', command: 'xl list' },
  { panel: 'cpu', name: 'cpu' },
  {
    panel: 'latency',
    name: 'latency',
    isDone: ({ latency }) => (latency.store.getState().measurements.at(-1)?.max ?? Number.POSITIVE_INFINITY) < tame,
  },
  {
    panel: editorPanel(toured),
    name: 'edit',
    isDone: ({ domains }) => domains.find('hello') !== undefined,
  },
];
