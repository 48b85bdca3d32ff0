import type { ReactNode } from 'react';
import { useStore } from 'zustand';
import { ErrorBoundary } from '../frame/ErrorBoundary.tsx';
import { useLab, useTranslate } from '../lab.ts';
import { componentOf, type PanelId, panelHelps } from './panels.ts';

interface PanelFrameProps {
  readonly id: PanelId;
  readonly children: ReactNode;
}

/** What every panel has around it: its `?` and a boundary that keeps its failures from the others. */
export function PanelFrame({ id, children }: PanelFrameProps) {
  const t = useTranslate();
  const { dock } = useLab();
  const showsHelp = useStore(dock.store, (state) => state.help.includes(id));
  return (
    // dockview names the tab panel around it by its tab.
    <div className="panel" data-panel={id} tabIndex={-1}>
      {showsHelp && <p className="panel-help">{t(panelHelps[componentOf(id)])}</p>}
      <div className="panel-content">
        <ErrorBoundary>{children}</ErrorBoundary>
      </div>
    </div>
  );
}
