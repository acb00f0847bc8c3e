const listed = (entry: string, count: number) => `${`${entry},`.repeat(count - 1)}${entry}`;

/** A list of `count` objects whose field names are all different, `width` to an object. */
function differentNames(count: number, width: number): string {
  const objects = Array.from({ length: Math.ceil(count / width) }, (_, object) => {
    const fields = Array.from({ length: width }, (_, field) => `"f${object * width + field}":1`);
    return `{${fields.join(',')}}`;
  });
  return objects.join(',');
}

const largest = 10 * 1_024 * 1_024;

/** Bodies of a cancel request that cost whoever takes them at their word all memory, or seconds of silence. */
export const hostileBodies: readonly (readonly [name: string, make: () => string])[] = [
  ['190,000 empty targets', () => `{"targets":[${listed('{}', 190_000)}]}`],
  ['190,000 wrong targets', () => `{"targets":[${listed('{"invocationId":1}', 190_000)}]}`],
  ['190,000 targets that are null', () => `{"targets":[${listed('null', 190_000)}]}`],
  [
    '190,000 malformed ids of one target',
    () => `{"targets":[{"invocationId":"inv-00000001","instanceIds":[${listed('"x"', 190_000)}]}]}`,
  ],
  [
    '190,000 ids that are lists',
    () => `{"targets":[{"invocationId":"inv-00000001","instanceIds":[${listed('[]', 190_000)}]}]}`,
  ],
  [
    'targets with unknown fields',
    () => `{"targets":[${listed(`{"${'x'.repeat(200)}":1,"${'y'.repeat(200)}":1}`, 20_000)}]}`,
  ],
  ['millions of empty objects', () => `{"targets":[${listed('{}', 3_400_000)}]}`],
  ['millions of empty texts', () => `{"targets":[${listed('""', 3_400_000)}]}`],
  ['lists without end', () => '['.repeat(largest)],
  ['lists in lists', () => '['.repeat(largest / 2) + ']'.repeat(largest / 2)],
  ['objects without end', () => '{"a":'.repeat(largest / 5)],
  ['a field with lists in lists', () => `{"targets":${'['.repeat(largest / 2)}`],
  ['700,000 different names in one object', () => differentNames(700_000, 700_000)],
  ['700,000 different names in small objects', () => `{"targets":[${differentNames(700_000, 16)}]}`],
  ['one text of ten megabytes', () => `{"targets":[],"reason":"${'x'.repeat(largest - 40)}"}`],
  ['one number of ten megabytes', () => `{"targets":[${'9'.repeat(largest - 40)}]}`],
  ['escapes without end', () => `{"targets":[],"reason":"${'\\u0000'.repeat(largest / 6 - 10)}"}`],
  ['nothing but blanks', () => ' '.repeat(largest)],
  ['nothing but commas', () => ','.repeat(largest)],
  ['nothing but backslashes', () => `"${'\\'.repeat(largest - 1)}`],
  ['more than its route takes', () => 'x'.repeat(16 * 1_024 * 1_024)],
];
