/** The value of a variable of the page's style, as it is now. Known also where an element is not in the page yet. */
export const styleValue = (name: `--${string}`): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();
