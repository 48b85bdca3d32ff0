import type { Theme } from '../../settings/settings.ts';
import { styleValue } from '../../styles/value.ts';
import { monaco } from './monaco.ts';

/** Colours by kind of token. Background and text have the page's own. */
const words: { readonly [T in Theme]: readonly (readonly [token: string, colour: string])[] } = {
  light: [
    ['comment', '5c5c5c'],
    ['key', '0b5cad'],
    ['string', '7a3e00'],
    ['number', '1a6e2e'],
    ['invalid', 'b3261e'],
  ],
  dark: [
    ['comment', 'a0a0a0'],
    ['key', '62b0f5'],
    ['string', 'e0a070'],
    ['number', '8fd19e'],
    ['invalid', 'ff8a80'],
  ],
};

/** Gives all editors the page's current colours. */
export function applyTheme(theme: Theme): void {
  // Monaco needs six digits, and the build may have shortened them to three.
  const colour = (name: `--${string}`) => styleValue(name).replace(/^#(.)(.)(.)$/, '#$1$1$2$2$3$3');
  monaco.editor.defineTheme('el2lab', {
    base: theme === 'dark' ? 'vs-dark' : 'vs',
    inherit: true,
    rules: words[theme].map(([token, foreground]) => ({ token, foreground })),
    colors: {
      'editor.background': colour('--surface'),
      'editor.foreground': colour('--text'),
      'editorLineNumber.foreground': colour('--muted'),
      'editorLineNumber.activeForeground': colour('--text'),
      'editorCodeLens.foreground': colour('--accent'),
      'editor.lineHighlightBorder': colour('--bar'),
      'editorWidget.background': colour('--bar'),
      'editorWidget.border': colour('--rule'),
      'menu.background': colour('--surface'),
      'menu.foreground': colour('--text'),
      'menu.selectionBackground': colour('--selection'),
      'menu.selectionForeground': colour('--text'),
      'menu.border': colour('--rule'),
      'menu.separatorBackground': colour('--rule'),
      'editor.selectionBackground': colour('--selection'),
      // Neither version is the wrong one.
      'diffEditor.removedLineBackground': `${colour('--selection')}60`,
      'diffEditor.insertedLineBackground': `${colour('--selection')}60`,
      'diffEditor.removedTextBackground': `${colour('--selection')}c0`,
      'diffEditor.insertedTextBackground': `${colour('--selection')}c0`,
      'widget.shadow': '#00000000',
      focusBorder: colour('--accent'),
    },
  });
  monaco.editor.setTheme('el2lab');
}
