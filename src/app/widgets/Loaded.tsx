import { type ReactNode, useEffect, useState } from 'react';
import type { Deferred } from './deferred.ts';

interface LoadedProps<P extends object> {
  /** What is shown once its code is there; must be the same at each render. */
  readonly deferred: Deferred<P>;
  /** What the component is given. */
  readonly properties: P;
  /** Shown meanwhile. */
  readonly children?: ReactNode;
}

/**
 * A component whose code comes when it is needed; a failure goes to the error boundary, which loads anew when it starts its children again.
 * React's own `lazy` would remember the failure, and holds back what has arrived for up to 300 ms after the last fallback was replaced.
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
