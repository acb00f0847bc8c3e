import { findExcess } from '../../shared/json-bounds.js';
import type { App } from '../app.js';
import { HttpProblem } from '../problem.js';

/** JSON only; a body may be empty, since pages say that they send JSON even where there is nothing to send. */
export function addJsonBody(app: App): void {
  app.removeAllContentTypeParsers();
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const bytes = body as Buffer;
    if (bytes.length === 0) {
      done(null, undefined);
      return;
    }
    const excess = findExcess(bytes);
    if (excess !== undefined) {
      done(new HttpProblem('BAD_REQUEST', `The body is JSON that ${excess}, which no request needs.`));
      return;
    }
    const text = decode(bytes);
    if (text === undefined) done(new HttpProblem('BAD_REQUEST', 'The body is not UTF-8 text.'));
    else void parse(request, text, done); // it calls back in any case
  });
}

/** Undefined for what is not UTF-8: to guess at ids would be worse than to refuse them. */
function decode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
