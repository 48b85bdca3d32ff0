import type { DockviewApi, IDockviewPanel } from 'dockview-react';
import * as z from 'zod/mini';
import { createStore, type StoreApi } from 'zustand/vanilla';
import { remember } from '../settings/settings.ts';
import { componentNames, componentOf, isPanelId, type Mode, type PanelId } from './panels.ts';

/** A saved layout; one of another version, or with panels that are no more, is forgotten. */
const savedSchema = z.object({
  version: z.literal(1),
  layout: z.looseObject({
    grid: z.looseObject({}),
    panels: z.record(z.string(), z.looseObject({ contentComponent: z.enum(componentNames) })),
  }),
});

export type Direction = 'left' | 'right' | 'up' | 'down';

interface DockState {
  /** Panels whose `?` is open. */
  readonly help: readonly PanelId[];
  /** The panel that was last used. */
  readonly active: PanelId | null;
  /** The console and the editor that were last used. */
  readonly console: PanelId | null;
  readonly editor: PanelId | null;
}

/** The arrangement of the panels, saved in the browser at each change. */
export class Dock {
  readonly store: StoreApi<DockState> = createStore<DockState>(() => ({
    help: [],
    active: null,
    console: null,
    editor: null,
  }));
  readonly #mode: Mode;
  readonly #storageKey: string;
  #api: DockviewApi | null = null;
  /** The panel that is to have the focus, until it has. */
  #wanted: PanelId | null = null;

  constructor(mode: Mode) {
    this.#mode = mode;
    this.#storageKey = mode === 'board' ? 'el2lab.layout' : `el2lab.layout.${mode}`;
  }

  /** Takes over a new, empty dockview: brings back the saved layout, or lays out the default one. */
  attach(api: DockviewApi): void {
    this.#api = api;
    if (!restore(api, this.#storageKey)) layOut[this.#mode](api);
    api.onDidLayoutChange(() => remember(this.#storageKey, { version: 1, layout: api.toJSON() }));
    api.onDidActivePanelChange(({ panel }) => this.#setActive(panel?.id));
    for (const { activePanel } of api.groups) this.#setActive(activePanel?.id);
    this.#setActive(api.activePanel?.id);
  }

  /** Opens a panel, if it is closed, and puts the focus in it: as soon as it is there, if its code or its file is yet to come. */
  focus(id: PanelId): void {
    if (!this.open(id)) return;
    this.#wanted = id;
    // At once, so that no key typed after the command is lost; and again when a panel that was hidden has been drawn.
    this.#takeFocus(id);
    requestAnimationFrame(() => this.#takeFocus(id));
  }

  /** What takes a panel's keys is there now: it gets the focus that the panel is to have. */
  arrived(id: PanelId): void {
    if (this.#wanted === id) this.#takeFocus(id);
  }

  /** Opens a panel, beside others of its kind, and shows it. */
  open(id: PanelId): boolean {
    const api = this.#api;
    if (!api) return false;
    const panel = api.getPanel(id) ?? this.#add(api, id);
    panel.api.setActive();
    return true;
  }

  /** Opens a panel behind those of its kind, if it is closed: what is in use stays so. */
  openBehind(id: PanelId): void {
    if (this.#api && !this.isOpen(id)) this.#add(this.#api, id, true);
  }

  close(id: PanelId): void {
    this.#api?.getPanel(id)?.api.close();
  }

  isOpen(id: PanelId): boolean {
    return this.#api?.getPanel(id) !== undefined;
  }

  /** Ids of the open panels of a component. */
  opened(component: 'console' | 'editor'): PanelId[] {
    return (this.#api?.panels ?? []).flatMap(({ id }) => (isPanelId(id) && componentOf(id) === component ? [id] : []));
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
    layOut[this.#mode](this.#api);
  }

  toggleHelp(id: PanelId): void {
    this.store.setState(({ help }) => ({ help: help.includes(id) ? help.filter((h) => h !== id) : [...help, id] }));
  }

  /** Opens or closes the `?` of the active panel. */
  toggleActiveHelp(): void {
    const { active } = this.store.getState();
    if (active) this.toggleHelp(active);
  }

  #takeFocus(id: PanelId): void {
    if (this.#wanted !== id) return;
    const frame = document.querySelector<HTMLElement>(`[data-panel="${CSS.escape(id)}"]`);
    const target = frame?.querySelector<HTMLElement>('[data-takes-focus], textarea');
    (target ?? frame)?.focus();
    if (target && document.activeElement === target) this.#wanted = null;
  }

  #setActive(id: string | undefined): void {
    const active = id && isPanelId(id) ? id : null;
    if (active !== this.#wanted) this.#wanted = null;
    const component = active && componentOf(active);
    this.store.setState({
      active,
      ...((component === 'console' || component === 'editor') && { [component]: active }),
    });
  }

  #add(api: DockviewApi, id: PanelId, inactive = false): IDockviewPanel {
    const component = componentOf(id);
    const sibling = api.panels.find((panel) => panel.id !== id && panel.id.startsWith(`${component} `));
    return api.addPanel({ id, component, inactive, ...(sibling && { position: { referenceGroup: sibling.group } }) });
  }
}

const sides = { left: 'left', right: 'right', up: 'top', down: 'bottom' } as const;

function restore(api: DockviewApi, storageKey: string): boolean {
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

type Options = Partial<Parameters<DockviewApi['addPanel']>[0]>;

const add = (api: DockviewApi, id: PanelId, options: Options = {}): IDockviewPanel =>
  api.addPanel({ ...options, id, component: componentOf(id) } as Parameters<DockviewApi['addPanel']>[0]);

const layOut: { readonly [M in Mode]: (api: DockviewApi) => void } = {
  board(api) {
    const serial = add(api, 'serial');
    add(api, 'board', { position: { referencePanel: serial, direction: 'left' }, initialWidth: 288 });
    add(api, 'registers', { position: { referencePanel: serial, direction: 'right' }, initialWidth: 256 });
    add(api, 'log', { position: { referencePanel: serial, direction: 'below' }, initialHeight: 176 });
    serial.api.setActive();
  },
  xen(api) {
    const editor = add(api, 'editor /etc/xen/rtos-a.cfg');
    const dom0 = add(api, 'console dom0', {
      position: { direction: 'below' },
      initialHeight: 280,
    });
    for (const name of ['xen', 'domain rtos-a', 'domain rtos-b', 'domain noisy'])
      add(api, `console ${name}`, { position: { referencePanel: dom0, direction: 'within' }, inactive: true });
    const domains = add(api, 'domains', { position: { referencePanel: editor, direction: 'left' }, initialWidth: 288 });
    add(api, 'files', { position: { referencePanel: domains, direction: 'below' } });
    const cpu = add(api, 'cpu', { position: { referencePanel: editor, direction: 'right' }, initialWidth: 496 });
    add(api, 'latency', { position: { referencePanel: cpu, direction: 'below' }, initialHeight: 208 });
    dom0.api.setActive();
  },
};
