import { type KeyboardEvent, useRef, useState } from 'react';
import { isMac, keyLabel } from '../../commands/keys.ts';
import { type Command, isEnabled, type Menu } from '../../commands/registry.ts';
import type { PlainKey } from '../../i18n/translate.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { useLab } from '../../lab/lab.ts';

const allMenus: readonly { readonly id: Menu; readonly title: PlainKey }[] = [
  { id: 'machine', title: 'menu.machine' },
  { id: 'file', title: 'menu.file' },
  { id: 'stories', title: 'menu.stories' },
  { id: 'view', title: 'menu.view' },
  { id: 'help', title: 'menu.help' },
];

/** The menus, filled from the command registry, with the keys of the ARIA menubar pattern. */
export function MenuBar() {
  const t = useTranslate();
  const { commands } = useLab();
  const menus = allMenus.filter(({ id }) => commands.all().some((command) => command.menu === id));
  const [open, setOpen] = useState<Menu | null>(null);
  const [current, setCurrent] = useState(0);
  const bar = useRef<HTMLDivElement>(null);

  const titleAt = (index: number) =>
    bar.current?.querySelectorAll<HTMLElement>(':scope > div > button')[(index + menus.length) % menus.length];
  const goTo = (index: number) => {
    const wrapped = (index + menus.length) % menus.length;
    setCurrent(wrapped);
    titleAt(wrapped)?.focus();
    if (open) setOpen(menus[wrapped]?.id ?? null);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowRight') goTo(current + 1);
    else if (event.key === 'ArrowLeft') goTo(current - 1);
    else if (event.key === 'Escape' && open) {
      setOpen(null);
      titleAt(current)?.focus();
    } else return;
    event.preventDefault();
  };

  return (
    <div
      ref={bar}
      className="menubar"
      role="menubar"
      tabIndex={-1}
      aria-label={t('app.menus')}
      onKeyDown={onKeyDown}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setOpen(null);
      }}
    >
      {menus.map((menu, index) => (
        <div key={menu.id} role="none" className="menu">
          <button
            type="button"
            role="menuitem"
            aria-haspopup="menu"
            aria-expanded={open === menu.id}
            tabIndex={index === current ? 0 : -1}
            onClick={() => {
              setCurrent(index);
              setOpen(open === menu.id ? null : menu.id);
            }}
            onPointerEnter={() => {
              if (open) goTo(index);
            }}
            onKeyDown={(event) => {
              if (event.key !== 'ArrowDown') return;
              event.preventDefault();
              setOpen(menu.id);
            }}
          >
            {t(menu.title)}
          </button>
          {open === menu.id && <MenuItems menu={menu.id} title={t(menu.title)} close={() => setOpen(null)} />}
        </div>
      ))}
    </div>
  );
}

interface MenuItemsProps {
  readonly menu: Menu;
  readonly title: string;
  readonly close: () => void;
}

function MenuItems({ menu, title, close }: MenuItemsProps) {
  const t = useTranslate();
  const { commands } = useLab();
  const list = useRef<HTMLDivElement>(null);
  const items = commands.all().filter((command) => command.menu === menu);

  const onKeyDown = (event: KeyboardEvent) => {
    const buttons: (Element | null)[] = [...(list.current?.querySelectorAll('button') ?? [])];
    const at = buttons.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const button = buttons.at(to % buttons.length);
    if (button instanceof HTMLElement) button.focus();
  };
  const choose = (command: Command) => {
    close();
    commands.perform(command.id);
  };

  return (
    <div
      role="menu"
      tabIndex={-1}
      aria-label={title}
      className="menu-items"
      onKeyDown={onKeyDown}
      ref={(element) => {
        list.current = element;
        if (element && !element.contains(document.activeElement)) element.querySelector('button')?.focus();
      }}
    >
      {items.map((command) => (
        <button
          key={command.id}
          type="button"
          role="menuitem"
          tabIndex={-1}
          aria-disabled={!isEnabled(command)}
          onClick={() => choose(command)}
        >
          <span>{command.label(t)}</span>
          {command.keys?.[0] && <kbd>{keyLabel(command.keys[0], isMac())}</kbd>}
        </button>
      ))}
    </div>
  );
}
