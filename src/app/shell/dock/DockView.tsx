import {
  type DockviewApi,
  DockviewDefaultTab,
  DockviewReact,
  type DockviewTheme,
  type IDockviewHeaderActionsProps,
  type IDockviewPanelHeaderProps,
  type IDockviewPanelProps,
} from 'dockview-react';
import { type KeyboardEvent, type MouseEvent, useEffect, useMemo, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { storyIn } from '../../../session/stories/stories.ts';
import '../../i18n/later.ts';
import type { Translate } from '../../i18n/translate.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { useLab } from '../../lab/lab.ts';
import type { Size } from '../../lab/layout/defaultLayout.ts';
import { type PanelId, storyPanel, subjectOf } from '../../lab/layout/panelKind.ts';
import { descriptorOf, panelsOf } from '../../panels/index.ts';
import { isSingle } from '../../panels/panel.ts';
import { Icon } from '../../widgets/Icon.tsx';
import { announcePanels } from '../announce/announcePanels.ts';
import { NoPanels } from './NoPanels.tsx';
import { PanelFrame } from './PanelFrame.tsx';
import { enableSplitters } from './splitters.ts';
import 'dockview-react/dist/styles/dockview.css';
import '../../widgets/widgets.css';
import './dock.css';

const theme: DockviewTheme = { name: 'el2lab', className: 'dock-theme', dndPanelOverlay: 'group' };

/** The dockable panels. */
export default function DockView() {
  const t = useTranslate();
  const lab = useLab();
  const { mode, dock, documents } = lab;
  const [api, setApi] = useState<DockviewApi | null>(null);
  const host = useRef<HTMLDivElement>(null);
  const unsaved = useStore(documents.store, (state) => state.unsaved);
  const components = useMemo(
    () =>
      Object.fromEntries(
        panelsOf(mode).map((panel) => [
          panel.id,
          ({ api }: IDockviewPanelProps) => <PanelFrame id={api.id} panel={panel} />,
        ]),
      ),
    [mode],
  );

  useEffect(() => () => dock.detach(), [dock]);

  useEffect(() => {
    if (!api || !host.current) return undefined;
    const observer = new ResizeObserver(() => dock.fit(sizeOf(host.current)));
    observer.observe(host.current);
    return () => observer.disconnect();
  }, [api, dock]);

  // Tabs carry their panel's name in the user's language.
  useEffect(() => {
    if (!api) return;
    const setTitle = (panel: (typeof api.panels)[number]) => panel.api.setTitle(titleOf(panel.id, t, unsaved));
    api.panels.forEach(setTitle);
    const subscription = api.onDidAddPanel(setTitle);
    return () => subscription.dispose();
  }, [api, t, unsaved]);

  useEffect(() => (api ? announcePanels(api, lab, t) : undefined), [api, lab, t]);

  useEffect(() => {
    return api && host.current ? enableSplitters(host.current, api, t) : undefined;
  }, [api, t]);

  const maximise = ({ target }: MouseEvent) => {
    if (target instanceof Element && target.closest('[role="tab"]')) dock.toggleMaximised();
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys are the tabs' own
    <div ref={host} className="dock" onKeyDown={moveBetweenTabs} onDoubleClick={maximise}>
      <DockviewReact
        theme={theme}
        components={components}
        defaultTabComponent={Tab}
        rightHeaderActionsComponent={PanelActions}
        watermarkComponent={NoPanels}
        disableFloatingGroups
        announcements={false}
        onReady={(event) => {
          dock.attach(event.api, sizeOf(host.current));
          if (lab.mode === 'xen') {
            lab.introduction.arrive(() => dock.open('start'));
            const story = storyIn(location.hash);
            if (story) dock.open(storyPanel(story.name));
          }
          setApi(event.api);
        }}
      />
    </div>
  );
}

const sizeOf = (element: HTMLElement | null): Size => ({
  width: element?.clientWidth ?? 0,
  height: element?.clientHeight ?? 0,
});

/** A panel's name; a dot marks that its subject is an unsaved document. */
function titleOf(id: PanelId, t: Translate, unsaved: readonly string[]): string {
  const panel = descriptorOf(id);
  if (!panel) return id;
  if (isSingle(panel)) return t(panel.title);
  const subject = subjectOf(id);
  return `${panel.titleOf(subject, t)}${unsaved.includes(subject) ? ' ●' : ''}`;
}

/** The arrow keys of the ARIA tabs pattern; Enter shows the tab that has the focus. */
function moveBetweenTabs(event: KeyboardEvent): void {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const tab = event.target instanceof Element ? event.target.closest('[role="tab"]') : null;
  if (!step || !tab) return;
  const tabs: Element[] = [...(tab.closest('[role="tablist"]')?.querySelectorAll('[role="tab"]') ?? [])];
  const next = tabs.at((tabs.indexOf(tab) + step) % tabs.length);
  if (next instanceof HTMLElement) next.focus();
}

/** A tab: its panel's sign, if there is one, and name. A screen reader would not reach a button inside it. */
function Tab(props: IDockviewPanelHeaderProps) {
  const { id } = props.api;
  const panel = descriptorOf(id);
  if (!panel || isSingle(panel) || !panel.TabSign) return <DockviewDefaultTab {...props} hideClose />;
  return (
    <div className="domain-tab">
      <panel.TabSign subject={subjectOf(id)} />
      <DockviewDefaultTab {...props} hideClose />
    </div>
  );
}

/** At the end of a group's tabs: the help of its active panel, and closing it. */
function PanelActions({ activePanel }: IDockviewHeaderActionsProps) {
  const t = useTranslate();
  const { dock, documents } = useLab();
  const help = useStore(dock.store, (state) => state.help);
  const isMaximised = useStore(dock.store, (state) => state.isMaximised);
  const unsaved = useStore(documents.store, (state) => state.unsaved);
  if (!activePanel) return null;
  const { id } = activePanel;
  const panel = titleOf(id, t, unsaved);
  return (
    <div className="panel-actions">
      <button
        type="button"
        aria-label={t('panel.help', { panel })}
        aria-expanded={help.includes(id)}
        onClick={() => dock.toggleHelp(id)}
      >
        ?
      </button>
      <button
        type="button"
        aria-label={t('panel.maximise', { panel })}
        title={`${t('command.maximise')} (F9)`}
        aria-pressed={isMaximised}
        onClick={() => {
          activePanel.api.setActive();
          dock.toggleMaximised();
        }}
      >
        <Icon name={isMaximised ? 'restore' : 'maximise'} />
      </button>
      <button type="button" aria-label={t('panel.close', { panel })} onClick={() => activePanel.api.close()}>
        <Icon name="close" />
      </button>
    </div>
  );
}
