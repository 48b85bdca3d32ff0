import type { PlainKey } from '../i18n/translate.ts';

/** The two machines that the page can be: Xen with its domains, or the bare board. */
export const modes = ['xen', 'board'] as const;
export type Mode = (typeof modes)[number];

/** Panels of which there is one, in the order of Ctrl/Cmd+1, 2, 3... */
export const fixedPanels = {
  xen: ['domains', 'files', 'cpu', 'latency', 'log'],
  board: ['board', 'serial', 'registers', 'log'],
} as const satisfies Readonly<Record<Mode, readonly string[]>>;

export type FixedPanel = (typeof fixedPanels)[Mode][number];

/** Panels of which there can be many: a console by its name (`xen`, `dom0`, or `domain NAME`), and a file of Domain-0 by its path. */
export type PanelId = FixedPanel | `console ${string}` | `editor ${string}`;

/** The React component of a panel. */
export const componentNames = [...new Set([...fixedPanels.xen, ...fixedPanels.board]), 'console', 'editor'] as const;
export type ComponentName = (typeof componentNames)[number];

export const componentOf = (id: PanelId): ComponentName => id.split(' ', 1)[0] as ComponentName;

/** What stands behind the component's name in a panel's id. */
export const subjectOf = (id: string): string => id.slice(id.indexOf(' ') + 1);

export const isPanelId = (id: string): id is PanelId =>
  (componentNames as readonly string[]).includes(id.split(' ', 1)[0] ?? '');

export const isFixed = (id: PanelId): id is FixedPanel => !id.includes(' ');

/** What a panel of which there is one is called. */
export const panelTitles: { readonly [P in FixedPanel]: PlainKey } = {
  domains: 'panel.domains',
  files: 'panel.files',
  cpu: 'panel.cpu',
  latency: 'panel.latency',
  board: 'panel.board',
  serial: 'panel.serial',
  registers: 'panel.registers',
  log: 'panel.log',
};

/** What the `?` of a panel says. */
export const panelHelps: { readonly [C in ComponentName]: PlainKey } = {
  domains: 'help.domains',
  files: 'help.files',
  cpu: 'help.cpu',
  latency: 'help.latency',
  console: 'help.console',
  editor: 'help.editor',
  board: 'help.board',
  serial: 'help.serial',
  registers: 'help.registers',
  log: 'help.log',
};
