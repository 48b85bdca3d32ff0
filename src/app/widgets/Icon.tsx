const paths = {
  run: 'M4 2.5v11L13 8z',
  pause: 'M4 3h3v10H4zM9 3h3v10H9z',
  step: 'M3 2.5v11L10 8zM11 3h2v10h-2z',
  reset: 'M8 2a6 6 0 1 0 6 6h-2a4 4 0 1 1-4-4v2.5L12 3.2 8 0z',
  close: 'M4.7 4 8 7.3 11.3 4l.7.7L8.7 8l3.3 3.3-.7.7L8 8.7 4.7 12l-.7-.7L7.3 8 4 4.7z',
  maximise: 'M3 3h10v10H3zM4 5v7h8V5z',
  restore: 'M5 2h9v9h-2v3H2V5h3zM6 5h6v5h1V4H6zM3 7v6h8V7z',
  theme: 'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zm0 2v10A5 5 0 0 1 8 3z',
} as const;

export type IconName = keyof typeof paths;

/** A 16 px sign in the colour of the text, hidden from screen readers. */
export const Icon = ({ name }: { readonly name: IconName }) => (
  <svg className="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
    <path d={paths[name]} fill="currentColor" fillRule="evenodd" />
  </svg>
);
