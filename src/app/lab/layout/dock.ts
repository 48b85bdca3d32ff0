import type { DockviewApi, IDockviewPanel } from 'dockview-react';
import * as z from 'zod/mini';
import { createStore, type StoreApi } from 'zustand/vanilla';
import { remember } from '../../settings/settings.ts';
import { addPanel, layOut, type Size } from './defaultLayout.ts';
import { gather, type Shape, shapeOf } from './narrowLayout.ts';
import { kindOf, type Mode, opensBeside, type PanelId, type PanelKind } from './panelKind.ts';

/** A saved layout. One of another version, or with panels of unknown kinds, is ignored. */
const savedSchema = (kinds: readonly string[]) =>
  z.object({
    version: z.literal(1),
    layout: z.looseObject({
      grid: z.looseObject({}),
      panels: z.record(z.string(), z.looseObject({ contentComponent: z.enum(kinds) })),
    }),
  });

type Layout = Parameters<DockviewApi['fromJSON']>[0];

export type Direction = 'left' | 'right' | 'up' | 'down';

interface DockState {
  /** Panels whose `?` is open. */
  readonly help: readonly PanelId[];
  /** The panel that was used last. */
  readonly active: PanelId | null;
  /** Whether a group of panels fills the page. */
  readonly isMaximised: boolean;
  /** The panel of each kind that was used last. */
  readonly last: Readonly<Record<string, PanelId>>;
}

/** The arrangement of the panels, saved in the browser at each change. */
export class Dock {
  readonly store: StoreApi<DockState> = createStore<DockState>(() => ({
    help: [],
    active: null,
    isMaximised: false,
    last: {},
  }));
  readonly #mode: Mode;
  readonly #kinds: readonly PanelKind[];
  readonly #storageKey: string;
  #api: DockviewApi | null = null;
  /** The panel that is to get the focus, until it has it. */
  #wanted: PanelId | null = null;
  #isArranging = false;
  #shape: Shape = 'wide';
  #size: Size = { width: 0, height: 0 };
  /** The user's arrangement of a wide page; null if that is the default layout. */
  #wide: Layout | null = null;

  /** @param kinds the kinds of panels in this mode */
  constructor(mode: Mode, kinds: readonly PanelKind[]) {
    this.#mode = mode;
    this.#kinds = kinds;
    this.#storageKey = mode === 'board' ? 'el2lab.layout' : `el2lab.layout.${mode}`;
  }

  /** Takes over a new, empty dockview of a size: restores the saved layout, or lays out the default one. */
  attach(api: DockviewApi, size: Size): void {
    this.#api = api;
    this.#size = size;
    this.#shape = 'wide';
    this.#wide = this.#saved();
    this.#restore(api);
    this.fit(size);
    api.onDidLayoutChange(() => this.#save(api));
    api.onDidMaximizedGroupChange(() => {
      this.store.setState({ isMaximised: api.hasMaximizedGroup() });
      this.#save(api);
    });
    this.store.setState({ isMaximised: api.hasMaximizedGroup() });
    api.onDidActivePanelChange(({ panel }) => this.#setActive(panel?.id));
    for (const { activePanel } of api.groups) this.#setActive(activePanel?.id);
    this.#setActive(api.activePanel?.id);
  }

  /** Gathers the panels if the page has become too narrow for the user's arrangement, or restores that one. */
  fit(size: Size): void {
    this.#size = size;
    const api = this.#api;
    const shape = shapeOf(size);
    if (!api || size.width === 0 || shape === this.#shape) return;
    this.#shape = shape;
    this.#arrange(() => {
      if (api.hasMaximizedGroup()) api.exitMaximizedGroup();
      if (shape === 'wide') return this.#restore(api);
      gather(api, shape, this.#kinds, size);
    });
  }

  /** The dockview is gone, as the page shows another system. */
  detach(): void {
    this.#api = null;
  }

  /**
   * Opens a panel, if it is closed, and puts the focus in it; if its code or its file is still to come, once that is
   * there.
   */
  focus(id: PanelId): void {
    if (!this.open(id)) return;
    this.#wanted = id;
    // At once, so that no key typed after the command is lost; and again when a panel that was hidden has been drawn.
    this.#takeFocus(id);
    requestAnimationFrame(() => this.#takeFocus(id));
  }

  /** Puts the focus in the active panel of another group: the next one in the page, or with -1 the one before. */
  focusGroup(step: 1 | -1): void {
    const groups = [...(this.#api?.groups ?? [])].sort((a, b) =>
      a.element.compareDocumentPosition(b.element) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1,
    );
    const at = groups.findIndex(({ element }) => element.contains(document.activeElement));
    const panel = groups.at((at + step) % groups.length)?.activePanel;
    if (panel) this.focus(panel.id);
  }

  /** A panel has become able to take keys: it gets the focus, if it is to have it. */
  arrived(id: PanelId): void {
    if (this.#wanted === id) this.#takeFocus(id);
  }

  /** Opens a panel, beside others of its kind, and shows it. Returns false before there is a dockview. */
  open(id: PanelId): boolean {
    const api = this.#api;
    if (!api) return false;
    const isMaximised = api.hasMaximizedGroup();
    const panel = api.getPanel(id) ?? this.#add(api, id);
    // Another panel takes the place of the one that fills the page.
    if (isMaximised && !panel.api.isMaximized()) api.exitMaximizedGroup();
    panel.api.setActive();
    if (isMaximised && !panel.api.isMaximized()) api.maximizeGroup(panel);
    return true;
  }

  /** The active panel's group fills the page, or all are shown again. */
  toggleMaximised(): void {
    const api = this.#api;
    if (api?.hasMaximizedGroup()) api.exitMaximizedGroup();
    else if (api?.activePanel) api.maximizeGroup(api.activePanel);
  }

  /** Opens a panel behind those of its kind, if it is closed; the active panel stays active. */
  openBehind(id: PanelId): void {
    if (this.#api && !this.isOpen(id)) this.#add(this.#api, id, true);
  }

  close(id: PanelId): void {
    this.#api?.getPanel(id)?.api.close();
  }

  isOpen(id: PanelId): boolean {
    return this.#api?.getPanel(id) !== undefined;
  }

  /** The open panels of a kind. */
  opened(kind: string): PanelId[] {
    return (this.#api?.panels ?? []).flatMap(({ id }) => (kindOf(id) === kind ? [id] : []));
  }

  /** Moves the active panel: out of its group to that side of it, or, if it is alone there, into the next group. */
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
    const api = this.#api;
    if (!api) return;
    this.#wide = null;
    this.#arrange(() => {
      api.clear();
      layOut(api, this.#mode, this.#kinds, this.#size);
      if (this.#shape !== 'wide') gather(api, this.#shape, this.#kinds, this.#size);
    });
  }

  /** Whether all panels are being arranged. */
  get isArranging(): boolean {
    return this.#isArranging;
  }

  #arrange(arrange: () => void): void {
    this.#isArranging = true;
    arrange();
    this.#isArranging = false;
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
    const active = id ?? null;
    if (active !== this.#wanted) this.#wanted = null;
    this.store.setState(({ last }) => ({ active, last: active ? { ...last, [kindOf(active)]: active } : last }));
  }

  #add(api: DockviewApi, id: PanelId, inactive = false): IDockviewPanel {
    const place = this.#kinds.find((kind) => kind.id === kindOf(id))?.places[this.#mode];
    const neighbour = opensBeside(place) ? place.beside : null;
    const ofKind = (kind: string | null) => api.panels.find((panel) => kindOf(panel.id) === kind);
    const sibling = ofKind(kindOf(id)) ?? ofKind(neighbour);
    return addPanel(api, id, { inactive, ...(sibling && { position: { referenceGroup: sibling.group } }) });
  }

  #save(api: DockviewApi): void {
    // A page that has just become narrow has squeezed the panels already.
    if (this.#shape !== 'wide' || shapeOf(api) !== 'wide') return;
    this.#wide = api.toJSON();
    remember(this.#storageKey, { version: 1, layout: this.#wide });
  }

  /** The layout that the browser has saved; null if there is none, or none that can be read. */
  #saved(): Layout | null {
    try {
      const schema = savedSchema(this.#kinds.map(({ id }) => id));
      const saved = schema.parse(JSON.parse(localStorage.getItem(this.#storageKey) ?? ''));
      // The schema holds what this page depends on; dockview checks its own format and throws.
      return saved.layout as unknown as Layout;
    } catch {
      return null;
    }
  }

  /** Restores the user's arrangement, or else the default layout, with the panels that are open now, if any are. */
  #restore(api: DockviewApi): void {
    const open = api.panels.map(({ id }) => id);
    try {
      if (this.#wide) api.fromJSON(this.#wide, { reuseExistingPanels: true });
    } catch {
      this.#wide = null;
    }
    if (!this.#wide || api.panels.length === 0) {
      api.clear();
      layOut(api, this.#mode, this.#kinds, this.#size);
    }
    const { width, height } = this.#size;
    if (width > 0) api.layout(width, height, true);
    if (open.length === 0) return;
    for (const panel of api.panels) if (!open.includes(panel.id)) panel.api.close();
    for (const id of open) this.openBehind(id);
  }
}

const sides = { left: 'left', right: 'right', up: 'top', down: 'bottom' } as const;
