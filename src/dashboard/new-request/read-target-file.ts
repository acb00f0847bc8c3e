import { type TargetList, TargetListReader } from './target-list.js';

/** Larger ones are for the command line, which splits them into several requests. */
const mostBytes = 64 * 1024 * 1024;

/**
 * Reads a file without holding its text in memory, and without freezing the page.
 * @throws {Error} with a sentence for people when it is no list of targets
 */
export async function readTargetFile(file: Blob): Promise<TargetList> {
  if (file.size > mostBytes) {
    throw new Error('The file is larger than 64 MB: use tat-cancel cancel --file, which splits it up.');
  }
  const reader = new TargetListReader();
  const stream = file.stream().getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await stream.read();
    const text = rest + (done ? decoder.decode() : decoder.decode(value, { stream: true }));
    if (text.includes('\0')) {
      throw new Error(
        'The file is no UTF-8 text, but perhaps UTF-16 or a spreadsheet: save it as CSV in UTF-8.',
      );
    }
    const lines = text.split(/\r?\n/);
    rest = done ? '' : (lines.pop() ?? '');
    reader.read(lines);
    if (done) return reader.finish();
  }
}
