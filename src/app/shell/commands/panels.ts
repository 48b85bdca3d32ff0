import type { Command } from '../../commands/registry.ts';
import type { Lab } from '../../lab/lab.ts';
import { isLaidOut } from '../../lab/layout/panelKind.ts';
import { panelsOf } from '../../panels/index.ts';
import { isSingle } from '../../panels/panel.ts';

/**
 * The panels' commands, from their descriptors: those that do something, the ways to the panels, the other ways to
 * go.
 */
export function panelCommands(lab: Lab): readonly Command[] {
  const panels = panelsOf(lab.mode);
  const own = panels.flatMap(
    (panel) => (lab.mode === 'xen' ? panel.xenCommands?.(lab) : panel.boardCommands?.(lab)) ?? [],
  );
  const ways = panels.filter(isSingle).map(
    ({ id, title, key, places }): Command => ({
      id: `panel.${id}`,
      label: (t) => t('command.focus', { panel: t(title) }),
      menu: 'view',
      ...(key !== undefined && isLaidOut(places[lab.mode]) && { keys: [key] }),
      perform: () => lab.dock.focus(id),
    }),
  );
  return [...own.filter(({ menu }) => menu !== 'view'), ...ways, ...own.filter(({ menu }) => menu === 'view')];
}
