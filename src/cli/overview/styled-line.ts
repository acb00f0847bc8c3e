import type { Style } from '../output.js';

/** A piece of a line, with the colour it has where there are colours. */
export interface Piece {
  readonly text: string;
  readonly style?: Style | undefined;
}

export type Line = readonly Piece[];

export function piece(text: string, style?: Style): Piece {
  return style === undefined ? { text } : { text, style };
}

/** Paints a line, cut at `columns` characters: colours take none. */
export function paintLine(
  line: Line,
  columns: number,
  paint: (style: Style, text: string) => string,
): string {
  let left = columns;
  let painted = '';
  for (const { text, style } of line) {
    if (left <= 0) break;
    const characters = [...text];
    const shown = characters.slice(0, left).join('');
    left -= Math.min(left, characters.length);
    painted += style === undefined ? shown : paint(style, shown);
  }
  return painted;
}

/** Words of a text on as many lines as it takes. */
export function wrapText(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter(Boolean)) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return line === '' ? lines : [...lines, line];
}
