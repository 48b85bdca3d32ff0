import type { DockviewApi } from 'dockview-react';
import type { Translate } from '../../i18n/translate.ts';
import type { Lab } from '../../lab/lab.ts';
import { type PanelId, subjectOf } from '../../lab/layout/panelKind.ts';
import { descriptorOf } from '../../panels/index.ts';
import { isSingle } from '../../panels/panel.ts';

/**
 * Says when panels open, close and fill the page, but not each of them when all are arranged anew.
 * @returns a function that ends it
 */
export function announcePanels(api: DockviewApi, { dock, announcer }: Lab, t: Translate): () => void {
  const say = (key: 'panel.opened' | 'panel.closed') => (panel: { readonly id: PanelId }) => {
    if (!dock.isArranging) announcer.say(t(key, { panel: nameOf(panel.id, t) }));
  };
  const subscriptions = [
    api.onDidAddPanel(say('panel.opened')),
    api.onDidRemovePanel(say('panel.closed')),
    api.onDidMaximizedGroupChange(({ group, isMaximized }) => {
      if (dock.isArranging || !group.activePanel) return;
      const panel = nameOf(group.activePanel.id, t);
      announcer.say(isMaximized ? t('panel.maximised', { panel }) : t('panel.restored'));
    }),
  ];
  return () => {
    for (const subscription of subscriptions) subscription.dispose();
  };
}

/** A panel's name in a sentence. */
function nameOf(id: PanelId, t: Translate): string {
  const panel = descriptorOf(id);
  if (!panel) return id;
  return isSingle(panel) ? t(panel.title) : panel.nameOf(subjectOf(id), t);
}
