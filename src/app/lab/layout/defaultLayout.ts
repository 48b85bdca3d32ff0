import type { DockviewApi, IDockviewPanel } from 'dockview-react';
import { type Area, kindOf, type Mode, opensBeside, type PanelId, type PanelKind, type Place } from './panelKind.ts';

/** In CSS px. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

type Options = Parameters<DockviewApi['addPanel']>[0];

/** The areas in the order in which they are laid out: each takes its part from what is there. */
const areas: readonly Area[] = ['centre', 'bottom', 'left', 'right', 'below'];

/** Adds a panel to a dockview. */
export const addPanel = (api: DockviewApi, id: PanelId, options: Omit<Options, 'id' | 'component'> = {}) =>
  // The members of the union of options differ in their position, which comes in one piece.
  api.addPanel({ ...options, id, component: kindOf(id) } as Options);

/** Lays out the panels of a mode in an empty dockview of a size, in the order of their kinds. */
export function layOut(api: DockviewApi, mode: Mode, kinds: readonly PanelKind[], size: Size): void {
  let centre: IDockviewPanel | null = null;
  let active: IDockviewPanel | null = null;
  for (const area of areas) {
    let above: IDockviewPanel | null = null;
    for (const { id, places } of kinds) {
      const place = places[mode];
      if (!place || place === 'closed' || opensBeside(place) || place.area !== area) continue;
      const [first, ...others] = place.subjects?.map((subject) => `${id} ${subject}`) ?? [id];
      if (!first) continue;
      const panel: IDockviewPanel = addPanel(api, first, options(fitting(place, above !== null, size), centre, above));
      for (const other of others)
        addPanel(api, other, { position: { referencePanel: panel, direction: 'within' }, inactive: true });
      above = panel;
      centre ??= panel;
      if (place.isActive) active = panel;
    }
  }
  active?.api.setActive();
}

/** In a small page, a panel takes at most this share of its width or height. */
const widthMax = { left: 0.22, right: 0.39 } as const;
const heightMax = 0.33;

/** A place with a size that leaves room for the others. @param isBelow whether it is below another in its area */
function fitting(place: Place, isBelow: boolean, { width, height }: Size): Place {
  const { area, size } = place;
  if (size === undefined) return place;
  const max = (area === 'left' || area === 'right') && !isBelow ? width * widthMax[area] : height * heightMax;
  return { ...place, size: Math.min(size, max) };
}

/** @param above the panel before in the same area */
function options(
  { area, size }: Place,
  centre: IDockviewPanel | null,
  above: IDockviewPanel | null,
): Omit<Options, 'id' | 'component'> {
  const height = size === undefined ? {} : { initialHeight: size };
  if (above) return { position: { referencePanel: above, direction: 'below' }, ...height };
  if (!centre) return {};
  if (area === 'bottom') return { position: { direction: 'below' }, ...height };
  if (area === 'left' || area === 'right')
    return {
      position: { referencePanel: centre, direction: area },
      ...(size !== undefined && { initialWidth: size }),
    };
  return { position: { referencePanel: centre, direction: 'below' }, ...height };
}
