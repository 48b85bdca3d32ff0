import { type KeyboardEvent, type ReactNode, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import { useWord } from './useWord.ts';
import type { Word } from './words.ts';
import './term.css';

interface TermProps {
  readonly word: Word;
  readonly children: ReactNode;
}

/** A word that the glossary explains while the pointer is on it or it has the focus; Escape takes that away. */
export function Term({ word, children }: TermProps) {
  const id = useId();
  const term = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(false);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !isOpen) return;
    event.stopPropagation();
    setOpen(false);
  };
  return (
    <span className="term-place" onPointerEnter={() => setOpen(true)} onPointerLeave={() => setOpen(false)}>
      <button
        ref={term}
        type="button"
        className="term"
        aria-describedby={isOpen ? id : undefined}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onClick={() => setOpen(true)}
        onKeyDown={onKeyDown}
      >
        {children}
      </button>
      {isOpen && <Meaning id={id} word={word} of={term.current} close={() => setOpen(false)} />}
    </span>
  );
}

interface MeaningProps {
  readonly id: string;
  readonly word: Word;
  readonly of: HTMLElement | null;
  readonly close: () => void;
}

/** The meaning, in the browser's top layer, below the word or, where there is no room, above it. */
function Meaning({ id, word, of, close }: MeaningProps) {
  const element = useRef<HTMLSpanElement>(null);
  const text = useWord(word);
  useLayoutEffect(() => {
    const bubble = element.current;
    if (!bubble || !of || text === null) return;
    bubble.showPopover();
    const { left, top, bottom } = of.getBoundingClientRect();
    const { width, height } = bubble.getBoundingClientRect();
    bubble.style.left = `${Math.max(4, Math.min(left, innerWidth - width - 4))}px`;
    bubble.style.top = `${bottom + height + 4 <= innerHeight ? bottom : Math.max(4, top - height)}px`;
  }, [of, text]);
  // It would stay where it is while its word moves away.
  useEffect(() => {
    document.addEventListener('scroll', close, { capture: true });
    return () => document.removeEventListener('scroll', close, { capture: true });
  }, [close]);
  return (
    <span ref={element} id={id} role="tooltip" popover="manual" className="term-meaning">
      {text && (
        <>
          <b>{text.term}</b> {text.meaning}
        </>
      )}
    </span>
  );
}
