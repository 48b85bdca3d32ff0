import { type ComponentType, lazy, Suspense, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import { ErrorBoundary } from '../frame/ErrorBoundary.tsx';
import { useLab, useTranslate } from '../lab.ts';
import { type PanelId, panelTexts } from './panels.ts';

interface PanelFrameProps {
  readonly id: PanelId;
  readonly load: () => Promise<{ default: ComponentType }>;
}

/** What every panel has around it: its `?` and a boundary that keeps its failures from the others. */
export function PanelFrame({ id, load }: PanelFrameProps) {
  const t = useTranslate();
  const { dock } = useLab();
  const showsHelp = useStore(dock.store, (state) => state.help.includes(id));
  const [attempt, setAttempt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt loads anew, since a failed load is remembered
  const Content = useMemo(() => lazy(load), [attempt]);
  return (
    // dockview names the tab panel around it by its tab.
    <div className="panel" data-panel={id} tabIndex={-1}>
      {showsHelp && <p className="panel-help">{t(panelTexts[id].help)}</p>}
      <div className="panel-content">
        <ErrorBoundary onReload={() => setAttempt(attempt + 1)}>
          <Suspense>
            <Content />
          </Suspense>
        </ErrorBoundary>
      </div>
    </div>
  );
}
