import type { DockviewApi } from 'dockview-react';
import type { Translate } from '../../i18n/translate.ts';

/** Pixels of a key press, and with Shift. */
const step = 16;
const largeStep = 64;

/** What a key moves a splitter by: it goes along its own direction only. */
function moves(event: KeyboardEvent, isUpright: boolean): number | null {
  const length = event.shiftKey ? largeStep : step;
  switch (event.key) {
    case 'Home':
      return Number.MIN_SAFE_INTEGER;
    case 'End':
      return Number.MAX_SAFE_INTEGER;
    case isUpright ? 'ArrowLeft' : 'ArrowUp':
      return -length;
    case isUpright ? 'ArrowRight' : 'ArrowDown':
      return length;
    default:
      return null;
  }
}

/**
 * Makes dockview's sashes window splitters of the ARIA pattern: they have a name, a value and a place in the order of
 * Tab, and move by the keyboard. Returns a function that ends it.
 */
export function enableSplitters(dock: HTMLElement, api: DockviewApi, t: Translate): () => void {
  const describe = () => {
    for (const sash of dock.querySelectorAll<HTMLElement>('.dv-sash')) describeSash(sash, t);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const sash = event.target;
    if (!(sash instanceof HTMLElement) || !sash.matches('.dv-sash')) return;
    const distance = moves(event, isUprightSash(sash));
    if (distance === null) return;
    event.preventDefault();
    drag(sash, distance);
    describe();
  };
  describe();
  const changes = api.onDidLayoutChange(describe);
  dock.addEventListener('focusin', describe);
  dock.addEventListener('keydown', onKeyDown);
  return () => {
    changes.dispose();
    dock.removeEventListener('focusin', describe);
    dock.removeEventListener('keydown', onKeyDown);
  };
}

const splitOf = (sash: Element): Element | null => sash.closest('.dv-split-view-container');

/** Whether a sash is between panels that are side by side. */
const isUprightSash = (sash: Element): boolean => splitOf(sash)?.classList.contains('dv-horizontal') ?? false;

function describeSash(sash: HTMLElement, t: Translate): void {
  const isUpright = isUprightSash(sash);
  const views = splitOf(sash)?.querySelector(':scope > .dv-view-container')?.children ?? [];
  const index = [...(sash.parentElement?.children ?? [])].indexOf(sash);
  const nameOf = (view: Element | undefined) =>
    view?.querySelector('[role="tab"][aria-selected="true"]')?.getAttribute('aria-label') ?? '';
  const [at, length] = isUpright
    ? [sash.offsetLeft, sash.parentElement?.clientWidth]
    : [sash.offsetTop, sash.parentElement?.clientHeight];
  const attributes = {
    role: 'separator',
    tabindex: sash.classList.contains('dv-disabled') ? '-1' : '0',
    'aria-orientation': isUpright ? 'vertical' : 'horizontal',
    'aria-label': t('splitter.name', { before: nameOf(views[index]), after: nameOf(views[index + 1]) }),
    'aria-valuemin': '0',
    'aria-valuemax': '100',
    'aria-valuenow': String(Math.round((at / Math.max(1, length ?? 0)) * 100)),
  };
  for (const [name, value] of Object.entries(attributes)) {
    if (sash.getAttribute(name) !== value) sash.setAttribute(name, value);
  }
}

/** Drags a sash: dockview keeps the limits of the panels on both sides. It offers no other way to move one. */
function drag(sash: HTMLElement, distance: number): void {
  const at = (offset: number) => ({ clientX: offset, clientY: offset });
  sash.dispatchEvent(new PointerEvent('pointerdown', at(0)));
  document.dispatchEvent(new PointerEvent('pointermove', at(distance)));
  document.dispatchEvent(new PointerEvent('pointerup', at(distance)));
}
