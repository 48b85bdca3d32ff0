import type { ComponentType } from 'react';
import type { KeyBinding } from '../commands/keys.ts';
import type { Command } from '../commands/registry.ts';
import type { GuideKey } from '../i18n/guideEn.ts';
import type { PlainKey, Translate } from '../i18n/translate.ts';
import type { BoardLab, XenLab } from '../lab/lab.ts';
import type { PanelKind } from '../lab/layout/panelKind.ts';
import type { Deferred } from '../widgets/deferred.ts';

/** Comes with the guide's texts, which are loaded with the panels. */
type Help = Extract<GuideKey, `help.${string}`>;

export interface PanelProps {
  /** The part of the panel's id behind its kind; empty for a panel that is the only one of its kind. */
  readonly subject: string;
}

/** The parts of a panel's descriptor that all panels have. */
interface Common extends PanelKind {
  /** What the panel's `?` says. */
  readonly help: Help;
  /** Comes in a chunk of its own, so that the page is drawn before it. */
  readonly component: Deferred<PanelProps>;
  /** The code is so large that it comes only when the panel is drawn. */
  readonly isHeavy?: boolean;
  /** For a panel that takes the Tab key: says how the keyboard leaves it. */
  readonly leaving?: PlainKey;
  /** The panel's commands in Board mode, and in Xen mode. */
  readonly boardCommands?: (lab: BoardLab) => readonly Command[];
  readonly xenCommands?: (lab: XenLab) => readonly Command[];
}

/** A panel that is the only one of its kind: the View menu leads to it. */
export interface SinglePanel extends Common {
  readonly title: PlainKey;
  /** The key that leads to it in the modes where it is open at first. In Xen mode, the consoles have Mod+5 to Mod+9. */
  readonly key?: KeyBinding;
}

/** A kind of which there can be many panels, each for a subject. */
export interface ManyPanels extends Common {
  readonly titleOf: (subject: string, t: Translate) => string;
  /** Its name where no other panels stand beside it: in announcements. */
  readonly nameOf: (subject: string, t: Translate) => string;
  /** Stands before the title in a panel's tab. */
  readonly TabSign?: ComponentType<PanelProps>;
}

export type Panel = SinglePanel | ManyPanels;

export const isSingle = (panel: Panel): panel is SinglePanel => 'title' in panel;
