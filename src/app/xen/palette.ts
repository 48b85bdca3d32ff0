import type { Theme } from '../settings/settings.ts';

/**
 * Domain-0 is grey. The others have the colours of Okabe and Ito ("Color Universal Design", 2008), except black: that
 * is Xen's.
 */
const colours = ['#8c8c8c', '#e69f00', '#56b4e9', '#009e73', '#d55e00', '#cc79a7', '#0072b2', '#f0e442'] as const;

/** Besides colours, patterns distinguish areas that touch. */
type Pattern = 'plain' | 'rising' | 'falling' | 'dots' | 'level';
const patterns: readonly Pattern[] = ['plain', 'rising', 'dots', 'falling', 'level'];

/** The colour of EL2's own time. */
export const xenColour = (theme: Theme): string => (theme === 'dark' ? '#f2f2f2' : '#1b1b1b');

/** A domain's colour, everywhere it appears. */
export function domainColour(index: number): string {
  if (index === 0) return colours[0];
  return colours[1 + ((index - 1) % (colours.length - 1))] ?? colours[0];
}

const patternOf = (index: number): Pattern => patterns[index % patterns.length] ?? 'plain';

/** A domain's fill as a CSS background: the same as on a canvas. */
export function domainCss(index: number): string {
  const colour = domainColour(index);
  const ink = 'rgb(0 0 0 / 35%)';
  switch (patternOf(index)) {
    case 'plain':
      return colour;
    case 'rising':
      return `repeating-linear-gradient(135deg, ${ink} 0 1px, transparent 1px 4px) ${colour}`;
    case 'falling':
      return `repeating-linear-gradient(45deg, ${ink} 0 1px, transparent 1px 4px) ${colour}`;
    case 'dots':
      return `radial-gradient(${ink} 1px, transparent 1.5px) 0 0 / 4px 4px ${colour}`;
    case 'level':
      return `repeating-linear-gradient(0deg, ${ink} 0 1px, transparent 1px 4px) ${colour}`;
  }
}

const tile = 8;

/** A domain's fill on a canvas: its colour, and its pattern on top. */
export function domainFill(context: CanvasRenderingContext2D, index: number, scale: number): string | CanvasPattern {
  const colour = domainColour(index);
  const pattern = patternOf(index);
  if (pattern === 'plain') return colour;
  const canvas = document.createElement('canvas');
  const size = Math.round(tile * scale);
  canvas.width = size;
  canvas.height = size;
  const draw = canvas.getContext('2d');
  if (!draw) return colour;
  draw.fillStyle = colour;
  draw.fillRect(0, 0, size, size);
  draw.fillStyle = draw.strokeStyle = 'rgb(0 0 0 / 35%)';
  draw.lineWidth = scale;
  drawPattern(draw, pattern, size, scale);
  return context.createPattern(canvas, 'repeat') ?? colour;
}

function drawPattern(draw: CanvasRenderingContext2D, pattern: Pattern, size: number, scale: number): void {
  const line = (x1: number, y1: number, x2: number, y2: number) => {
    draw.beginPath();
    draw.moveTo(x1, y1);
    draw.lineTo(x2, y2);
    draw.stroke();
  };
  if (pattern === 'dots') {
    draw.beginPath();
    draw.arc(size / 2, size / 2, 1.2 * scale, 0, 2 * Math.PI);
    draw.fill();
  } else if (pattern === 'level') line(0, size / 2, size, size / 2);
  else {
    // Three strokes, so that the lines continue from tile to tile.
    for (const shift of [-size, 0, size]) {
      if (pattern === 'rising') line(shift, size, shift + size, 0);
      else line(shift, 0, shift + size, size);
    }
  }
}
