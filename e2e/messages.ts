import type { ConsoleMessage } from '@playwright/test';

/** What these tests do without a service worker, and what xterm says of a computer that is slow. */
const ofTheRun = /^Service Worker registration blocked|^task queue exceeded allotted deadline/;

/** Whether a message in the browser's console is an error or a warning of the page. */
export const isFault = (message: ConsoleMessage): boolean =>
  ['error', 'warning'].includes(message.type()) && !ofTheRun.test(message.text());
