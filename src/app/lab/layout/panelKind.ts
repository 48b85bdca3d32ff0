/** The two machines that the page can be: Xen with its domains, or the bare board. */
export type Mode = 'xen' | 'board';

/** A part of the page: `below` is under the centre alone, `bottom` under everything. */
export type Area = 'centre' | 'bottom' | 'left' | 'right' | 'below';

/** Where a panel is in the default layout. The second panel in an area at a side goes below the first. */
export interface Place {
  readonly area: Area;
  /**
   * In px: the width of the first panel at a side, otherwise a height; less in a small page. What is left is shared.
   */
  readonly size?: number;
  /** Where there can be many panels of a kind: those that are open, as tabs of one group. */
  readonly subjects?: readonly string[];
  /** Whether it is the active panel at first. */
  readonly isActive?: boolean;
}

/** The kind of panel that a closed panel opens beside. */
export interface Beside {
  readonly beside: string;
}

/** Whether a panel is in no default layout, but opens beside a panel of another kind. */
export const opensBeside = (place: Place | Beside | 'closed' | undefined): place is Beside =>
  typeof place === 'object' && 'beside' in place;

/** Whether a panel is in a default layout. */
export const isLaidOut = (place: Place | Beside | 'closed' | undefined): place is Place =>
  typeof place === 'object' && !opensBeside(place);

/** What the dock needs to know of a kind of panel. */
export interface PanelKind {
  readonly id: string;
  /**
   * The modes that it belongs to. A closed panel is in no default layout and opens by its command, as a tab beside a
   * panel of another kind if it says so.
   */
  readonly places: Readonly<Partial<Record<Mode, Place | Beside | 'closed'>>>;
  /** Whether it is a console: in a narrow page, consoles stay in sight below the other panels. */
  readonly isConsole?: boolean;
}

/** A panel by its kind, or, where there can be many of a kind, by its kind, a space, and its subject. */
export type PanelId = string;

export const kindOf = (id: PanelId): string => id.split(' ', 1)[0] ?? '';

/** The part of a panel's id behind its kind; empty for a panel that is the only one of its kind. */
export const subjectOf = (id: PanelId): string => id.slice(kindOf(id).length + 1);

/** The console of a domain, by the domain's name. */
export const consolePanel = (domain: string): PanelId =>
  domain === 'Domain-0' ? 'console dom0' : `console domain ${domain}`;

/** The page of a story, by the story's name. */
export const storyPanel = (name: string): PanelId => `story ${name}`;

/** The editor of a file in Domain-0. */
export const editorPanel = (path: string): PanelId => `editor ${path}`;
