import { useStore } from 'zustand';
import { useTranslate } from '../i18n/useTranslate.ts';
import { useLab } from '../lab/lab.ts';
import { type PanelId, subjectOf } from '../lab/panelKind.ts';
import type { Panel } from '../panels/panel.ts';
import { ErrorBoundary } from '../widgets/ErrorBoundary.tsx';
import { Loaded } from '../widgets/Loaded.tsx';

interface PanelFrameProps {
  readonly id: PanelId;
  readonly panel: Panel;
}

/** A panel, with its `?` and a boundary that keeps its failures from the others. */
export function PanelFrame({ id, panel }: PanelFrameProps) {
  const t = useTranslate();
  const { dock } = useLab();
  const showsHelp = useStore(dock.store, (state) => state.help.includes(id));
  return (
    // dockview names the tab panel around it by its tab.
    <div className="panel" data-panel={id} tabIndex={-1}>
      {showsHelp && <p className="panel-help">{t(panel.help)}</p>}
      <div className="panel-content">
        <ErrorBoundary>
          <Loaded deferred={panel.component} properties={{ subject: subjectOf(id) }} />
        </ErrorBoundary>
      </div>
    </div>
  );
}
