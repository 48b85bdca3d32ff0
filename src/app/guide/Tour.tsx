import { type RefObject, useEffect, useId, useLayoutEffect, useRef } from 'react';
import { useStore } from 'zustand';
import { useGuide } from '../i18n/guide.ts';
import { useXenLab } from '../lab/lab.ts';
import type { PanelId } from '../lab/layout/panelKind.ts';
import { typeInDom0 } from '../lab/xenActions.ts';
import { steps, type TourStep } from './tourSteps.ts';
import './tour.css';

/** A step of the tour, over the page beside the panel that it speaks of. The page stays usable meanwhile. */
export default function Tour() {
  const { introduction, dock } = useXenLab();
  const index = useStore(introduction.store, ({ step }) => step ?? 0);
  const step = steps[index];
  useEffect(() => {
    if (step) dock.open(step.panel);
  }, [dock, step]);
  return step ? <Bubble key={index} step={step} index={index} /> : null;
}

function Bubble({ step, index }: { readonly step: TourStep; readonly index: number }) {
  const g = useGuide();
  const lab = useXenLab();
  const { introduction, dock } = lab;
  const [title, text] = [useId(), useId()];
  const bubble = useRef<HTMLDivElement>(null);
  const mark = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    mark.current?.showPopover();
    bubble.current?.showPopover();
    bubble.current?.focus();
  }, []);
  useFollow(step.panel, bubble, mark);
  const { command } = step;
  const toPanel = () => dock.focus(step.panel);
  return (
    <>
      <div ref={mark} className="tour-mark" popover="manual" aria-hidden="true" />
      <div
        ref={bubble}
        className="tour"
        popover="manual"
        role="dialog"
        tabIndex={-1}
        aria-labelledby={title}
        aria-describedby={text}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          introduction.leave();
          toPanel();
        }}
      >
        <h2 id={title}>
          {g(`tour.${step.name}`)}{' '}
          <span className="muted">{g('tour.of', { step: index + 1, steps: steps.length })}</span>
        </h2>
        <p id={text}>{g(`tour.${step.name}Text`)}</p>
        {step.isDone && <Done isDone={step.isDone} />}
        <div className="tour-buttons">
          {command && (
            <button type="button" className="command" onClick={() => void typeInDom0(lab, command)}>
              {command}
            </button>
          )}
          <button type="button" onClick={toPanel}>
            {g('tour.there')}
          </button>
          <span className="space" />
          {index > 0 && (
            <button type="button" onClick={() => introduction.go(index - 1)}>
              {g('tour.back')}
            </button>
          )}
          {index + 1 < steps.length ? (
            <button type="button" onClick={() => introduction.go(index + 1)}>
              {g('tour.next')}
            </button>
          ) : (
            <button type="button" onClick={() => introduction.end()}>
              {g('tour.end')}
            </button>
          )}
        </div>
        <p className="muted">
          <button type="button" className="link" onClick={() => introduction.leave()}>
            {g('tour.later')}
          </button>{' '}
          {index + 1 < steps.length && (
            <button type="button" className="link" onClick={() => introduction.end()}>
              {g('tour.skip')}
            </button>
          )}
        </p>
      </div>
    </>
  );
}

/** Says that the visitor has done what the step asks for. */
function Done({ isDone }: { readonly isDone: NonNullable<TourStep['isDone']> }) {
  const g = useGuide();
  const { machine } = useXenLab();
  useStore(machine.latency.store);
  useStore(machine.domains.store);
  return <p role="status">{isDone(machine) && `✓ ${g('tour.done')}`}</p>;
}

type Box = RefObject<HTMLDivElement | null>;

/** Keeps the bubble beside a panel and the mark around it, wherever the panel goes. */
function useFollow(panel: PanelId, bubble: Box, mark: Box): void {
  useLayoutEffect(() => {
    let observed: Element | null = null;
    const place = () => {
      const target = document.querySelector(`[data-panel="${CSS.escape(panel)}"]`);
      if (target && target !== observed) {
        if (observed) observer.unobserve(observed);
        observer.observe(target);
        observed = target;
      }
      if (target && bubble.current && mark.current) put(bubble.current, mark.current, target.getBoundingClientRect());
    };
    const observer = new ResizeObserver(place);
    let frame = 0;
    const placeSoon = () => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(place);
    };
    place();
    // A panel that was closed comes into the page some time after it was asked for.
    const mutations = new MutationObserver(placeSoon);
    mutations.observe(document.body, { childList: true, subtree: true });
    window.addEventListener('resize', placeSoon);
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
      mutations.disconnect();
      window.removeEventListener('resize', placeSoon);
    };
  }, [panel, bubble, mark]);
}

const gap = 8;

/** Puts the bubble at the side of a panel that has room for it, or else into the panel's lower right corner. */
function put(bubble: HTMLElement, mark: HTMLElement, panel: DOMRect): void {
  const { width, height } = bubble.getBoundingClientRect();
  const fits = (left: number, top: number): boolean =>
    left >= 0 && top >= 0 && left + width <= innerWidth && top + height <= innerHeight;
  const top = Math.min(panel.top, innerHeight - height - gap);
  // To the right, since a console's lines begin at the left.
  const left = Math.max(0, Math.min(panel.right, innerWidth) - width - gap);
  const places: readonly (readonly [left: number, top: number])[] = [
    [panel.right + gap, top],
    [panel.left - width - gap, top],
    [left, panel.top - height - gap],
    [left, panel.bottom + gap],
  ];
  const [x, y] = places.find((place) => fits(...place)) ?? [
    Math.max(0, panel.right - width - gap),
    Math.max(0, panel.bottom - height - gap),
  ];
  bubble.style.left = `${x}px`;
  bubble.style.top = `${y}px`;
  mark.style.left = `${panel.left}px`;
  mark.style.top = `${panel.top}px`;
  mark.style.width = `${panel.width}px`;
  mark.style.height = `${panel.height}px`;
}
