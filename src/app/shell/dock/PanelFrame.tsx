import { type FocusEvent, type KeyboardEvent, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { useGuide } from '../../i18n/guide.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { useLab } from '../../lab/lab.ts';
import { type PanelId, subjectOf } from '../../lab/layout/panelKind.ts';
import type { Panel } from '../../panels/panel.ts';
import { ErrorBoundary } from '../../widgets/ErrorBoundary.tsx';
import { Loaded } from '../../widgets/Loaded.tsx';
import { wasKey } from './lastInput.ts';

interface PanelFrameProps {
  readonly id: PanelId;
  readonly panel: Panel;
}

/**
 * A panel, with its `?`, a boundary that keeps its failures from the others, and, if it takes the Tab key, the way out
 * of it.
 */
export function PanelFrame({ id, panel }: PanelFrameProps) {
  const t = useTranslate();
  const g = useGuide();
  const { dock } = useLab();
  const showsHelp = useStore(dock.store, (state) => state.help.includes(id));
  const { leaving } = panel;
  const { showsHint, handlers } = useLeaving(leaving && t(leaving), () => dock.focus(id));
  return (
    // dockview names the tab panel around it by its tab.
    <div className="panel" data-panel={id} tabIndex={-1} {...handlers}>
      {showsHelp && <p className="panel-help">{g(panel.help)}</p>}
      <div className="panel-content">
        <ErrorBoundary>
          <Loaded deferred={panel.component} properties={{ subject: subjectOf(id) }} />
        </ErrorBoundary>
      </div>
      {leaving && showsHint && (
        <p className="leaving-hint" aria-hidden="true">
          {t(leaving)}
        </p>
      )}
    </div>
  );
}

/**
 * Escape twice leaves what takes the Tab key: the first Escape goes to the guest or the editor, the second one puts the
 * focus on the panel, and Tab then goes on behind it. Enter goes back in.
 * @param hint how to leave, for screen readers; undefined if the panel does not take Tab
 */
function useLeaving(hint: string | undefined, enter: () => void) {
  const [showsHint, setShowsHint] = useState(false);
  const escaped = useRef(false);
  if (hint === undefined) return { showsHint, handlers: {} };
  const handlers = {
    onFocus({ currentTarget, target, relatedTarget }: FocusEvent<HTMLElement>) {
      if (target === currentTarget) return;
      target.setAttribute('aria-description', hint);
      if (relatedTarget === currentTarget || !currentTarget.contains(relatedTarget)) setShowsHint(wasKey());
    },
    onBlur: () => setShowsHint(false),
    onPointerDown: () => setShowsHint(false),
    onKeyDownCapture(event: KeyboardEvent<HTMLElement>) {
      const { key, currentTarget, target } = event;
      if (target === currentTarget) {
        if (key !== 'Enter') return;
        event.preventDefault();
        enter();
        return;
      }
      const leaves = escaped.current && key === 'Escape';
      escaped.current = key === 'Escape' && !leaves;
      if (leaves) {
        event.stopPropagation();
        leave(currentTarget);
      } else if (!['Escape', 'Tab', 'Shift'].includes(key)) setShowsHint(false);
    },
  };
  return { showsHint, handlers };
}

/** Puts the focus on a panel. Until it goes elsewhere, Tab does not find what the panel would type into. */
function leave(panel: HTMLElement): void {
  const stops = [...panel.querySelectorAll<HTMLElement>('textarea, [tabindex="0"]')];
  const before = stops.map(({ tabIndex }) => tabIndex);
  for (const stop of stops) stop.tabIndex = -1;
  panel.focus();
  const restore = () => {
    for (const [index, stop] of stops.entries()) stop.tabIndex = before[index] ?? 0;
  };
  panel.addEventListener('focusout', restore, { once: true });
}
