import { type KeyboardEvent, useEffect, useRef } from 'react';

export interface MenuEntry {
  readonly label: string;
  readonly perform: () => void;
}

interface ContextMenuProps {
  readonly label: string;
  readonly entries: readonly MenuEntry[];
  /** Place in the window, in px. */
  readonly at: { readonly x: number; readonly y: number };
  readonly close: () => void;
}

/** A menu over the page, with the keys of the ARIA menu pattern. When it closes, the focus returns to where it was. */
export function ContextMenu({ label, entries, at, close }: ContextMenuProps) {
  const menu = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    menu.current?.querySelector('button')?.focus();
    const { right = 0, bottom = 0 } = menu.current?.getBoundingClientRect() ?? {};
    if (menu.current) {
      menu.current.style.left = `${at.x - Math.max(0, right - innerWidth)}px`;
      menu.current.style.top = `${at.y - Math.max(0, bottom - innerHeight)}px`;
    }
    return () => {
      if (before instanceof HTMLElement && menu.current?.contains(document.activeElement)) before.focus();
    };
  }, [at]);
  const onKeyDown = (event: KeyboardEvent) => {
    const items = [...(menu.current?.querySelectorAll('button') ?? [])];
    const index = items.indexOf(document.activeElement as HTMLButtonElement);
    if (event.key === 'ArrowDown') items.at((index + 1) % items.length)?.focus();
    else if (event.key === 'ArrowUp') items.at((index - 1) % items.length)?.focus();
    else if (event.key === 'Escape' || event.key === 'Tab') close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      ref={menu}
      className="menu-items context-menu"
      role="menu"
      tabIndex={-1}
      aria-label={label}
      style={{ left: at.x, top: at.y }}
      onKeyDown={onKeyDown}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) close();
      }}
    >
      {entries.map((entry) => (
        <button
          key={entry.label}
          type="button"
          role="menuitem"
          tabIndex={-1}
          onClick={() => {
            close();
            entry.perform();
          }}
        >
          {entry.label}
        </button>
      ))}
    </div>
  );
}
