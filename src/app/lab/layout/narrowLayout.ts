import type { DockviewApi, IDockviewPanel } from 'dockview-react';
import type { Size } from './defaultLayout.ts';
import { kindOf, type PanelKind } from './panelKind.ts';

/**
 * How the panels fill the page: as the user arranges them; in one column, all but the consoles as tabs and the consoles
 * below; or all as tabs of one group.
 */
export type Shape = 'wide' | 'column' | 'tabs';

/** In CSS px. Below them, panels side by side or one above the other are too small to be read. */
const wideFrom = 900;
const tallFrom = 400;

/** The shape for a part of the page of a size. */
export function shapeOf({ width, height }: Size): Shape {
  if (height < tallFrom) return 'tabs';
  return width < wideFrom ? 'column' : 'wide';
}

/** The share of the height that the consoles have in one column. */
const consoleShare = 0.42;

/** Gathers all open panels in one column, or as tabs of one group, in the order of their kinds. */
export function gather(api: DockviewApi, shape: 'column' | 'tabs', kinds: readonly PanelKind[], size: Size): void {
  const { activePanel } = api;
  const order = (panel: IDockviewPanel) => kinds.findIndex(({ id }) => id === kindOf(panel.id));
  const isConsole = (panel: IDockviewPanel) => kinds[order(panel)]?.isConsole ?? false;
  const sorted = api.panels.toSorted((a, b) => order(a) - order(b));
  const [upper, lower] = [sorted.filter((panel) => !isConsole(panel)), sorted.filter(isConsole)];
  const first = upper[0] ?? lower[0];
  if (!first) return;
  const into = (target: IDockviewPanel, panels: readonly IDockviewPanel[]) => {
    for (const [index, panel] of panels.entries())
      if (panel !== target) panel.api.moveTo({ group: target.group, index, skipSetActive: true });
  };
  if (shape === 'tabs') into(first, [...upper, ...lower]);
  else {
    into(first, upper);
    const [head] = lower;
    if (head && head !== first) {
      head.api.moveTo({ group: first.group, position: 'bottom' });
      head.group.api.setSize({ height: size.height * consoleShare });
      into(head, lower);
    }
  }
  first.api.setActive();
  activePanel?.api.setActive();
}
