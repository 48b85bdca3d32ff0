import { type ReactNode, useEffect, useState } from 'react';
import type { Deferred } from './deferred.ts';

interface LoadedProps<P extends object> {
  /** The component to show; must be the same at each render. */
  readonly deferred: Deferred<P>;
  /** The component's properties. */
  readonly properties: P;
  /** Shown while the code is loaded. */
  readonly children?: ReactNode;
}

/**
 * Loads a component's code when it is needed. A failure goes to the error boundary; when that starts its children
 * again, the code is loaded again. React's `lazy` would remember the failure, and delays a loaded component by up to
 * 300 ms.
 */
export function Loaded<P extends object>({ deferred, properties, children }: LoadedProps<P>) {
  const [result, setResult] = useState<{ readonly error?: unknown }>();
  const Component = deferred.component;
  useEffect(() => {
    if (Component) return;
    let stale = false;
    deferred.load().then(
      () => stale || setResult({}),
      (error: unknown) => stale || setResult({ error }),
    );
    return () => {
      stale = true;
    };
  }, [deferred, Component]);
  if (result && 'error' in result) throw result.error;
  return Component ? <Component {...properties} /> : children;
}
