/** What Trusted Types need where a script is loaded by its address; the types of the DOM do not have it yet. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): { createScriptURL(url: string): URL };
}

declare global {
  interface Window {
    readonly trustedTypes?: TrustedTypes;
  }
}

const rules = {
  createScriptURL(url: string): string {
    const { origin } = new URL(url, document.baseURI);
    if (origin !== location.origin) throw new TypeError(`${origin} is another origin: no script is taken from there.`);
    return url;
  },
};
const policy = window.trustedTypes?.createPolicy('el2lab', rules);

/**
 * The address of a script of this page, as a worker may be started from it: the page's Content-Security-Policy lets no
 * plain string be one.
 */
export const trustedScript = (url: string): string | URL => (policy ?? rules).createScriptURL(url);
