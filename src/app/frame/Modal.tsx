import { type ReactNode, useEffect, useRef } from 'react';
import { useLab } from '../lab.ts';

interface ModalProps {
  readonly label: string;
  readonly className: string;
  readonly children: ReactNode;
}

/** The browser's own modal dialog: it keeps the focus, closes with Escape or a click beside it, and gives the focus back. */
export function Modal({ label, className, children }: ModalProps) {
  const { overlay } = useLab();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    element?.querySelector<HTMLElement>('[data-takes-focus]')?.focus();
    return () => element?.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape is the dialog's own key for this
    <dialog
      ref={dialog}
      className={className}
      aria-label={label}
      // The event comes a task after the closing, when another may be open already.
      onClose={() => dialog.current && overlay.setState({ open: null })}
      onClick={(event) => {
        if (event.target === dialog.current) dialog.current.close();
      }}
    >
      {children}
    </dialog>
  );
}
