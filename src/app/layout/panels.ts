import type { PlainKey } from '../i18n/translate.ts';

/** The panels, in the order of Ctrl/Cmd+1, 2, 3... */
export const panelIds = ['board', 'serial', 'registers', 'log'] as const;

export type PanelId = (typeof panelIds)[number];

export const isPanelId = (id: string): id is PanelId => (panelIds as readonly string[]).includes(id);

/** What a panel is called and what its `?` says. */
export const panelTexts: { readonly [P in PanelId]: { readonly title: PlainKey; readonly help: PlainKey } } = {
  board: { title: 'panel.board', help: 'help.board' },
  serial: { title: 'panel.serial', help: 'help.serial' },
  registers: { title: 'panel.registers', help: 'help.registers' },
  log: { title: 'panel.log', help: 'help.log' },
};
