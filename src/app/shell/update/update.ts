import { trustedScript } from '../../trustedScript.ts';

const hourMs = 3_600_000;

/**
 * Keeps the page in the browser, so that it opens offline, and tells of a new version, which waits until it is taken. Without
 * effect in development, and where the browser allows no service worker: on plain HTTP, in private windows.
 * @returns what ends it
 */
export function followUpdates(found: (version: ServiceWorker) => void): () => void {
  const { serviceWorker } = navigator;
  if (!import.meta.env.PROD || !serviceWorker) return () => {};
  const ended = new AbortController();
  const { signal } = ended;
  const follow = async () => {
    // At the first visit the list of images came before there was anything to keep it.
    const keepList = () => void fetch('./images/manifest.json').catch(() => {});
    if (!serviceWorker.controller) serviceWorker.addEventListener('controllerchange', keepList, { once: true, signal });
    const registration = await serviceWorker.register(trustedScript('./sw.js'), { updateViaCache: 'none' });
    // The first version has no other to replace.
    const look = () => {
      if (registration.waiting && serviceWorker.controller && !signal.aborted) found(registration.waiting);
    };
    look();
    registration.addEventListener(
      'updatefound',
      () => registration.installing?.addEventListener('statechange', look, { signal }),
      { signal },
    );
    // A page may stay open for days.
    const timer = setInterval(() => void registration.update().catch(() => {}), hourMs);
    signal.addEventListener('abort', () => clearInterval(timer));
  };
  void follow().catch(() => {});
  return () => ended.abort();
}

/** Opens the page anew in another version. Unsaved texts are kept, or the browser asks first. */
export function takeUpdate(version: ServiceWorker): void {
  // In another tab it may have been taken already.
  if (version.state === 'activated') location.reload();
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
  version.postMessage({ type: 'SKIP_WAITING' });
}
