import type { Theme } from '../../settings/settings.ts';
import { axisHeight, drawPlot, fillOf, type Plot, plotColours } from './draw.ts';
import { domainsOf } from './lanes.ts';

const width = 1200;
const laneHeight = 72;
const labels = 128;
const row = 20;
/** Pixels of the picture in one of the plot. */
const scale = 2;

/** A plot as a picture to keep, with a title and the names of the domains below it; null if no canvas can be had. */
export function pictureOf(plot: Plot, title: string, theme: Theme): HTMLCanvasElement | null {
  const picture = document.createElement('canvas');
  const context = picture.getContext('2d');
  if (!context) return null;
  const colours = plotColours(theme);
  context.font = colours.font;
  let end = { x: labels, y: 0 };
  const legend = domainsOf(plot.lanes).map((part) => {
    const room = 18 + context.measureText(part.name).width + 16;
    const at = end.x > labels && end.x + room > width ? { x: labels, y: end.y + row } : end;
    end = { x: at.x + room, y: at.y };
    return { part, ...at };
  });
  const plotHeight = axisHeight + plot.lanes.length * laneHeight;
  const height = plotHeight + end.y + 2 * row + 8;
  // Setting the size resets the context.
  Object.assign(picture, { width: width * scale, height: height * scale });
  context.fillStyle = colours.surface;
  context.fillRect(0, 0, picture.width, picture.height);
  const frame = { width, height: plotHeight, scale, labels, colours };
  drawPlot(context, { ...plot, cursor: null }, frame);
  context.textAlign = 'left';
  context.fillStyle = colours.text;
  for (const { part, x, y } of legend) context.fillText(part.name, x + 18, plotHeight + y + row / 2);
  context.fillStyle = colours.muted;
  context.fillText(title, labels, height - row / 2 - 4);
  // Patterns are in pixels of the picture.
  context.setTransform(1, 0, 0, 1, 0, 0);
  for (const { part, x, y } of legend) {
    context.fillStyle = fillOf(context, part, frame);
    context.fillRect(x * scale, (plotHeight + y + 4) * scale, 12 * scale, 12 * scale);
  }
  return picture;
}
