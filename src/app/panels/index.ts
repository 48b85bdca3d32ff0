import { kindOf, type Mode, type PanelId } from '../lab/layout/panelKind.ts';
import { board } from './board/panel.ts';
import { card } from './card/panel.ts';
import { comparison } from './comparison/panel.ts';
import { console } from './console/panel.ts';
import { cpu } from './cpu/panel.ts';
import { domain } from './domain/panel.ts';
import { domains } from './domains/panel.ts';
import { editor, revisions } from './editor/panel.ts';
import { files } from './files/panel.ts';
import { latency } from './latency/panel.ts';
import { log } from './log/panel.ts';
import { network } from './network/panel.ts';
import type { Panel } from './panel.ts';
import { placement } from './placement/panel.ts';
import { registers } from './registers/panel.ts';
import { serial } from './serial/panel.ts';
import { start } from './start/panel.ts';
import { story } from './story/panel.ts';
import { timeline } from './timeline/panel.ts';
import { translation } from './translation/panel.ts';

/** All kinds of panels, in the order of menus and palette. */
const panels: readonly Panel[] = [
  board,
  serial,
  registers,
  card,
  domains,
  editor,
  files,
  revisions,
  cpu,
  timeline,
  latency,
  network,
  translation,
  placement,
  comparison,
  log,
  console,
  domain,
  start,
  story,
];

export const panelsOf = (mode: Mode): readonly Panel[] => panels.filter(({ places }) => places[mode] !== undefined);

/** The descriptor of a panel; undefined if there is no such kind. */
export const descriptorOf = (id: PanelId): Panel | undefined => panels.find((panel) => panel.id === kindOf(id));
