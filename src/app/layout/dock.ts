import type { DockviewApi, IDockviewPanel } from 'dockview-react';
import * as z from 'zod/mini';
import { createStore, type StoreApi } from 'zustand/vanilla';
import { remember } from '../settings/settings.ts';
import { isPanelId, type PanelId, panelIds } from './panels.ts';

const storageKey = 'el2lab.layout';

/** A saved layout; one of another version, or with panels that are no more, is forgotten. */
const savedSchema = z.object({
  version: z.literal(1),
  layout: z.looseObject({
    grid: z.looseObject({}),
    panels: z.record(z.string(), z.looseObject({ contentComponent: z.enum(panelIds) })),
  }),
});

export type Direction = 'left' | 'right' | 'up' | 'down';

interface DockState {
  /** Panels whose `?` is open. */
  readonly help: readonly PanelId[];
}

/** The arrangement of the panels, saved in the browser at each change. */
export class Dock {
  readonly store: StoreApi<DockState> = createStore<DockState>(() => ({ help: [] }));
  #api: DockviewApi | null = null;

  /** Takes over a new, empty dockview: brings back the saved layout, or lays out the default one. */
  attach(api: DockviewApi): void {
    this.#api = api;
    if (!restore(api)) layOut(api);
    api.onDidLayoutChange(() => remember(storageKey, { version: 1, layout: api.toJSON() }));
  }

  /** Opens a panel, if it is closed, and puts the focus in it. */
  focus(id: PanelId): void {
    const api = this.#api;
    if (!api) return;
    const panel = api.getPanel(id) ?? api.addPanel({ id, component: id });
    panel.api.setActive();
    const takeFocus = () => {
      const frame = document.querySelector<HTMLElement>(`[data-panel="${id}"]`);
      (frame?.querySelector<HTMLElement>('[data-takes-focus], textarea') ?? frame)?.focus();
    };
    // At once, so that no key typed after the command is lost; and again when a panel that was hidden has been drawn.
    takeFocus();
    requestAnimationFrame(takeFocus);
  }

  /** Moves the active panel: out of its group to that side of it, or, when it is alone there, into the next group. */
  move(direction: Direction): void {
    const panel = this.#api?.activePanel;
    if (!this.#api || !panel) return;
    const { group } = panel.api;
    if (group.panels.length > 1) {
      panel.api.moveTo({ group, position: sides[direction] });
      return;
    }
    const next = this.#api.adjacentGroupInDirection(group, direction);
    const target = next && this.#api.groups.find((g) => g.id === next.id);
    if (target) panel.api.moveTo({ group: target });
  }

  /** Back to the default layout. */
  reset(): void {
    if (!this.#api) return;
    this.#api.clear();
    layOut(this.#api);
  }

  toggleHelp(id: PanelId): void {
    this.store.setState(({ help }) => ({ help: help.includes(id) ? help.filter((h) => h !== id) : [...help, id] }));
  }

  /** Opens or closes the `?` of the active panel. */
  toggleActiveHelp(): void {
    const id = this.#api?.activePanel?.id;
    if (id && isPanelId(id)) this.toggleHelp(id);
  }
}

const sides = { left: 'left', right: 'right', up: 'top', down: 'bottom' } as const;

function restore(api: DockviewApi): boolean {
  try {
    const saved = savedSchema.parse(JSON.parse(localStorage.getItem(storageKey) ?? ''));
    // The schema holds what this page depends on; dockview checks its own format and throws.
    api.fromJSON(saved.layout as unknown as Parameters<DockviewApi['fromJSON']>[0]);
    return api.panels.length > 0;
  } catch {
    api.clear();
    return false;
  }
}

function layOut(api: DockviewApi): void {
  const add = (id: PanelId, options: Partial<Parameters<DockviewApi['addPanel']>[0]> = {}): IDockviewPanel =>
    api.addPanel({ ...options, id, component: id } as Parameters<DockviewApi['addPanel']>[0]);
  const serial = add('serial');
  add('board', { position: { referencePanel: serial, direction: 'left' }, initialWidth: 288 });
  add('registers', { position: { referencePanel: serial, direction: 'right' }, initialWidth: 256 });
  add('log', { position: { referencePanel: serial, direction: 'below' }, initialHeight: 176 });
  serial.api.setActive();
}
