import { useXen } from '../lab.ts';
import { domainCss } from '../xen/palette.ts';

/** A domain's colour, beside its name; an empty square where there is no such domain. */
export function Swatch({ domain }: { readonly domain: string }) {
  const colour = useXen((view) => view.domains.find(({ name }) => name === domain)?.colour);
  return (
    <span
      className="swatch"
      aria-hidden="true"
      style={colour === undefined ? undefined : { background: domainCss(colour), borderColor: 'transparent' }}
    />
  );
}
