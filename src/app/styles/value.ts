/** The current value of a variable of the page's style, for code whose elements may not be in the page yet. */
export const styleValue = (name: `--${string}`): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();
