import { type ComponentType, type ReactNode, useEffect, useState } from 'react';

interface LoadedProps<P extends object> {
  /** Brings a component's module; must be the same function at each render. */
  readonly load: () => Promise<{ readonly default: ComponentType<P> }>;
  /** What the component is given. */
  readonly properties: P;
  /** Shown meanwhile. */
  readonly children?: ReactNode;
}

/**
 * A component whose code comes when it is needed; a failure goes to the error boundary, which loads anew when it starts its children again.
 * React's own `lazy` would remember the failure, and holds back what has arrived for up to 300 ms after the last fallback was replaced.
 */
export function Loaded<P extends object>({ load, properties, children }: LoadedProps<P>) {
  const [result, setResult] = useState<
    { readonly module: { readonly default: ComponentType<P> } } | { readonly error: unknown }
  >();
  useEffect(() => {
    let stale = false;
    load().then(
      (module) => stale || setResult({ module }),
      (error: unknown) => stale || setResult({ error }),
    );
    return () => {
      stale = true;
    };
  }, [load]);
  if (!result) return children;
  if ('error' in result) throw result.error;
  const Component = result.module.default;
  return <Component {...properties} />;
}
