import { useEffect } from 'react';
import { isMac } from '../commands/keys.ts';
import { useLab } from '../lab/lab.ts';

/** Handles the commands' keys in the whole page, before any console or text field gets them. */
export function useCommandKeys(): void {
  const { commands, overlay } = useLab();
  useEffect(() => {
    const mac = isMac();
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.isComposing) return;
      const target = event.target instanceof Element ? event.target : null;
      const typing = target?.matches('input, textarea, select') ?? false;
      const editing = Boolean(target?.closest('.monaco-editor'));
      const command = commands.find(event, { typing, editing, mac });
      if (!command) return;
      // Even if it cannot be done now: F5 while the machine runs must not reload the page.
      event.preventDefault();
      event.stopPropagation();
      if (event.repeat && !command.keys?.includes('F10')) return;
      overlay.setState({ open: null });
      commands.perform(command.id);
    };
    window.addEventListener('keydown', onKeyDown, { capture: true });
    return () => window.removeEventListener('keydown', onKeyDown, { capture: true });
  }, [commands, overlay]);
}
