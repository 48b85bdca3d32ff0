/**
 * The domain that a console panel belongs to, by the panel's subject: `dom0`, or `domain NAME`; null for Xen's own,
 * `xen`.
 */
export function domainOf(subject: string): string | null {
  if (subject === 'dom0') return 'Domain-0';
  return subject.startsWith('domain ') ? subject.slice('domain '.length) : null;
}
